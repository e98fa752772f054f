-- Answers by the asker's key, so that the same work is paid for once. While it is being worked on there is a claim instead of an answer.
create table generations (
    user_id       uuid not null,
    key           text not null check (char_length(key) between 1 and 200),
    request_hash  bytea not null,
    claim_id      uuid,
    claimed_until timestamptz,
    answer        jsonb,
    created_at    timestamptz not null,
    primary key (user_id, key),
    check ((answer is null) = (claim_id is not null)),
    check ((claim_id is null) = (claimed_until is null))
);
create index generations_by_time on generations (created_at);

-- One counter for each user and UTC day, and one for the installation (owner 00000000-…). Money in millionths of the currency of the prices.
create table budget_days (
    owner_id        uuid not null,
    day             date not null,
    reserved_tokens bigint not null default 0 check (reserved_tokens >= 0),
    spent_tokens    bigint not null default 0 check (spent_tokens >= 0),
    reserved_micros bigint not null default 0 check (reserved_micros >= 0),
    spent_micros    bigint not null default 0 check (spent_micros >= 0),
    primary key (owner_id, day)
);
create index budget_days_by_day on budget_days (day);

-- What calls in flight may cost at most. A row whose call never came back expires.
create table reservations (
    id         uuid primary key,
    user_id    uuid not null,
    day        date not null,
    tokens     bigint not null check (tokens >= 0),
    micros     bigint not null check (micros >= 0),
    expires_at timestamptz not null
);
create index reservations_by_expiry on reservations (expires_at);
create index reservations_by_user on reservations (user_id);

-- What was spent on which model, for people to see.
create table usage_days (
    user_id       uuid not null,
    day           date not null,
    provider      text not null check (char_length(provider) between 1 and 40),
    model         text not null check (char_length(model) between 1 and 100),
    calls         bigint not null default 0,
    input_tokens  bigint not null default 0,
    output_tokens bigint not null default 0,
    micros        bigint not null default 0,
    primary key (user_id, day, provider, model)
);
create index usage_days_by_day on usage_days (day);
