create table captures (
    id                   uuid primary key,
    user_id              uuid not null,
    version              bigint not null check (version > 0),
    type                 text not null check (type in ('TEXT', 'PAGE', 'SCREENSHOT', 'VIDEO', 'AUDIO')),
    -- What the person gave: the text itself, or the page's address.
    content              text not null check (length(content) between 1 and 200000),
    content_hash         bytea not null check (length(content_hash) = 32),
    is_repeat            boolean not null,
    extracted_text       text check (length(extracted_text) between 1 and 200000),
    excerpt              text not null check (length(excerpt) <= 300),
    title                text check (length(title) between 1 and 300),
    source               text check (length(source) between 1 and 2000),
    language             text check (length(language) between 2 and 35),
    tags                 text[] not null check (cardinality(tags) <= 20),
    tag_keys             text[] not null check (cardinality(tag_keys) = cardinality(tags)),
    -- JSON as text: it is only ever given back, and jsonb would change or refuse extreme numbers.
    metadata             text,
    status               text not null check (status in ('PENDING', 'PROCESSED', 'FAILED')),
    attempt              integer not null check (attempt > 0),
    topic_id             uuid,
    failure_reason       text check (length(failure_reason) between 1 and 1000),
    size                 bigint not null check (size > 0),
    created_at           timestamptz not null,
    status_at            timestamptz not null,
    search_configuration text not null check (search_configuration in ('english', 'german', 'simple')),
    -- A tsvector holds at most 1 MB. Up to 260,000 bytes no text exceeds that, whatever its words; of longer ones (long texts in scripts
    -- of several bytes a character) the first 100,000 characters are found.
    search               tsvector not null generated always as (
        case search_configuration
            when 'english' then to_tsvector('english', coalesce(title, '') || ' '
                || case when octet_length(coalesce(extracted_text, content)) <= 260000 then coalesce(extracted_text, content) else left(coalesce(extracted_text, content), 100000) end)
            when 'german' then to_tsvector('german', coalesce(title, '') || ' '
                || case when octet_length(coalesce(extracted_text, content)) <= 260000 then coalesce(extracted_text, content) else left(coalesce(extracted_text, content), 100000) end)
            else to_tsvector('simple', coalesce(title, '') || ' '
                || case when octet_length(coalesce(extracted_text, content)) <= 260000 then coalesce(extracted_text, content) else left(coalesce(extracted_text, content), 100000) end)
        end) stored,
    check ((status = 'PROCESSED') = (topic_id is not null)),
    check ((status = 'FAILED') = (failure_reason is not null))
);

-- The list: newest first, by UUIDv7.
create index captures_of_user on captures (user_id, id desc);
-- The same content is captured once, unless the person asks for it again.
create unique index captures_once on captures (user_id, type, content_hash) where not is_repeat;
create index captures_by_hash on captures (user_id, type, content_hash) where is_repeat;
create index captures_pending on captures (status_at) where status = 'PENDING';
create index captures_search on captures using gin (search);

-- What a person's captures take up. Whoever creates, enlarges or deletes a capture locks this row first, so that they go one after the other.
create table storage_usage (
    user_id uuid primary key,
    bytes   bigint not null check (bytes >= 0)
);
