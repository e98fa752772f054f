-- People, how they sign in, and the keys that their access tokens are signed with.

create table users (
    id               uuid primary key,
    version          bigint not null,
    email            text not null check (char_length(email) between 3 and 254),
    normalized_email text not null check (char_length(normalized_email) between 3 and 320),
    name             text not null check (char_length(name) between 1 and 100),
    role             text not null check (role in ('USER', 'TEACHER', 'ADMIN')),
    time_zone        text not null check (char_length(time_zone) between 1 and 64),
    locale           text not null check (char_length(locale) between 2 and 35),
    is_public        boolean not null,
    created_at       timestamptz not null,
    disabled_at      timestamptz,
    password_hash    text not null,
    security_stamp   text not null,
    concurrency_stamp text not null,
    constraint users_normalized_email_key unique (normalized_email)
);
create index users_by_email_prefix on users (normalized_email text_pattern_ops);
create index users_admins on users (id) where role = 'ADMIN';

-- A session is a family of refresh tokens; its id is the access tokens' sid. Ended sessions are deleted.
create table sessions (
    id           uuid primary key,
    user_id      uuid not null references users (id) on delete cascade,
    started_at   timestamptz not null,
    last_used_at timestamptz not null,
    expires_at   timestamptz not null,
    address      text not null,
    user_agent   text
);
create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires_at);

create table refresh_tokens (
    hash       bytea primary key check (octet_length(hash) = 32),
    session_id uuid not null references sessions (id) on delete cascade,
    expires_at timestamptz not null,
    used_at    timestamptz,
    successor  bytea,
    retry_key  bytea
);
create index refresh_tokens_by_session on refresh_tokens (session_id);
create index refresh_tokens_by_expiry on refresh_tokens (expires_at);

-- What every instance must refuse although its access tokens have not expired. recorded_at is the database's own clock: instances read from it onwards.
create table ended_sessions (
    session_id  uuid primary key,
    until       timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index ended_sessions_by_record on ended_sessions (recorded_at);

-- Devices that a person has signed in from: guessing elsewhere does not keep them out.
create table known_devices (
    id           uuid primary key,
    user_id      uuid not null references users (id) on delete cascade,
    token_hash   bytea not null unique check (octet_length(token_hash) = 32),
    last_used_at timestamptz not null
);
create index known_devices_by_user on known_devices (user_id, last_used_at);

create table throttle_counters (
    key       text primary key,
    count     integer not null,
    resets_at timestamptz not null
);
create index throttle_counters_by_reset on throttle_counters (resets_at);

create table invitations (
    id         uuid primary key,
    code_hash  bytea not null unique check (octet_length(code_hash) = 32),
    normalized_email text,
    role       text not null check (role in ('USER', 'TEACHER', 'ADMIN')),
    created_by uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);

-- ES256 keys. The private half is encrypted with the key file of the installation that made it.
create table signing_keys (
    id              text primary key,
    public_key      bytea not null,
    private_key     bytea not null,
    key_file        text not null,
    signs_from      timestamptz not null,
    signs_until     timestamptz not null,
    published_until timestamptz not null
);

create index audit_by_actor on audit (actor_id);
