-- What happened to each channel, in order: the truth about it. Its state is the fold of these rows.
create table channel_events (
    channel_id uuid not null,
    version    bigint not null check (version > 0),
    type       text not null check (type in ('registered', 'renamed', 'paused', 'resumed', 'secret-rotated')),
    data       jsonb not null,
    at         timestamptz not null,
    -- Two changes of the same version exclude each other.
    primary key (channel_id, version)
);

-- States that were kept, so that loading need not begin with the first event. Could be thrown away at any time.
create table channel_snapshots (
    channel_id uuid primary key,
    version    bigint not null check (version > 0),
    state      jsonb not null
);

-- The projection that serves lists, counts and addresses; written with the events.
create table channels (
    id            uuid primary key,
    user_id       uuid not null,
    version       bigint not null check (version > 0),
    type          text not null check (type in ('EMAIL_INBOX', 'WEBHOOK', 'RSS', 'TELEGRAM', 'DISCORD')),
    name          text not null check (length(name) between 1 and 100),
    key           text not null unique check (length(key) = 22),
    is_paused     boolean not null,
    registered_at timestamptz not null
);
create index channels_of_user on channels (user_id, id desc);

alter table channel_events add constraint channel_events_of_channel foreign key (channel_id) references channels (id) on delete cascade;
alter table channel_snapshots add constraint channel_snapshots_of_channel foreign key (channel_id) references channels (id) on delete cascade;

-- From here on nothing refers to channels: these tables are used wherever channels are kept.

create table messages (
    id          uuid primary key,
    channel_id  uuid not null,
    user_id     uuid not null,
    version     bigint not null check (version > 0),
    title       text check (length(title) between 1 and 300),
    text        text not null check (length(text) between 1 and 50000),
    url         text check (length(url) between 1 and 2000),
    received_at timestamptz not null
);
create index messages_of_channel on messages (channel_id, id desc);
create index messages_of_user on messages (user_id, id);
create index messages_by_time on messages (received_at);

-- Every message is received once. Outlives the messages: a feed shows its entries for years.
create table message_keys (
    channel_id  uuid not null,
    fingerprint bytea not null check (length(fingerprint) = 32),
    user_id     uuid not null,
    received_at timestamptz not null,
    primary key (channel_id, fingerprint)
);
create index message_keys_of_user on message_keys (user_id);
create index message_keys_by_time on message_keys (received_at);

create table feeds (
    channel_id    uuid primary key,
    user_id       uuid not null,
    due_at        timestamptz not null,
    -- What the site said of the feed when it was last read, to be asked for changes only.
    e_tag         text check (length(e_tag) <= 200),
    last_modified text check (length(last_modified) <= 200),
    -- Null until it was read for the first time.
    read_at       timestamptz,
    failures      integer not null check (failures >= 0),
    failure       text check (length(failure) between 1 and 1000)
);
create index feeds_due on feeds (due_at);
create index feeds_of_user on feeds (user_id);

-- The secrets of all channels are derived from this key.
create table installation_key (
    only_one boolean primary key default true check (only_one),
    key      bytea not null check (length(key) = 32)
);
-- Four random UUIDs hold 488 bits of the server's strong randomness.
insert into installation_key (key) values (
    sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
