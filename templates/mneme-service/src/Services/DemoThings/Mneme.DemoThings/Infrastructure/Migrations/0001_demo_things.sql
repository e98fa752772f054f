create table demo_things (
    id           uuid primary key,
    user_id      uuid not null,
    version      bigint not null check (version > 0),
    title        text not null check (length(title) between 1 and 100),
    -- Empty if there is none.
    description  text not null check (length(description) <= 2000),
    created_at   timestamptz not null,
    -- Null until it is completed.
    completed_at timestamptz
);

-- The list: newest first, by UUIDv7.
create index demo_things_of_user on demo_things (user_id, id desc);
