-- What every service's database holds besides the service's own tables.

create table outbox (
    seq           bigint generated always as identity primary key,
    id            uuid not null,
    type          text not null,
    topic         text not null,
    partition_key uuid not null,
    occurred_at   timestamptz not null,
    trace_parent  text,
    data          text not null
);

-- Event ids are UUIDv7: the retention job removes old rows by a range of the primary key.
create table inbox (
    event_id uuid not null,
    consumer text not null,
    primary key (event_id, consumer)
);

create table failed_deliveries (
    event_id        uuid not null,
    consumer        text not null,
    cloud_event     text not null,
    type            text not null,
    attempts        integer not null,
    reason          text not null,
    first_failed_at timestamptz not null,
    next_attempt_at timestamptz not null,
    dead_at         timestamptz,
    primary key (event_id, consumer)
);
create index failed_deliveries_due on failed_deliveries (next_attempt_at) where dead_at is null;
create index failed_deliveries_dead on failed_deliveries (dead_at, event_id) where dead_at is not null;

create table jobs (
    id           uuid primary key,
    kind         text not null,
    key          text not null,
    payload      text not null,
    due_at       timestamptz not null,
    attempts     integer not null default 0,
    leased_until timestamptz,
    failed_at    timestamptz,
    last_error   text,
    trace_parent text,
    enqueued_at  timestamptz not null,
    unique (kind, key)
);
create index jobs_due on jobs (due_at) where failed_at is null;

-- Keys of all jobs that were enqueued, so that a repeated event does not do paid work again. Adding the key is what decides who enqueues the job.
create table job_keys (
    kind        text not null,
    key         text not null,
    enqueued_at timestamptz not null,
    primary key (kind, key)
);
create index job_keys_by_time on job_keys (enqueued_at);

-- Tombstones: late events about an erased person (or aggregate) are not handled.
create table erased (
    id        uuid primary key,
    erased_at timestamptz not null
);

create table idempotency_keys (
    user_id      uuid not null,
    key          text not null,
    request_hash bytea not null,
    status       integer not null,
    location     text,
    body         text,
    created_at   timestamptz not null,
    primary key (user_id, key)
);
create index idempotency_keys_by_time on idempotency_keys (created_at);

create table audit (
    id         uuid primary key,
    time       timestamptz not null,
    actor_id   uuid,
    action     text not null,
    subject_id uuid,
    outcome    text not null,
    address    text,
    trace_id   text,
    detail     jsonb
);
create index audit_by_subject on audit (subject_id, id);
