-- People: what the reminders need to know of them.
create table learners (
    user_id     uuid primary key,
    time_zone   text not null,
    version     bigint not null,
    -- The last local date for which a reminder was considered.
    reminded_on date not null default '0001-01-01'
);
-- Reminders are looked for by time zone; within one, by who was not considered today.
create index learners_to_remind on learners (time_zone, reminded_on);

-- Every key begins with the owner: ownership is a predicate of every query, so the one index also serves lists and erasure.
create table topics (
    id           uuid not null,
    user_id      uuid not null,
    name         text not null check (char_length(name) between 1 and 200),
    description  text check (char_length(description) <= 2000),
    tags         text[] not null default '{}' check (cardinality(tags) <= 20),
    capture_id   uuid,
    completed_at timestamptz,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    version      bigint not null,
    primary key (user_id, id)
);
-- A capture becomes one topic, however often its job runs.
create unique index topics_of_capture on topics (capture_id) where capture_id is not null;

-- The hot table. A review changes due_at, which is indexed, so its updates are never HOT and each index costs every review: hence these three and no more.
-- Room in the pages keeps a new row version beside the old one, which saves a second page and logs the unchanged texts not at all.
create table flashcards (
    id               uuid not null,
    user_id          uuid not null,
    topic_id         uuid not null,
    due_at           timestamptz not null,
    last_reviewed_at timestamptz,
    version          bigint not null,
    ease             integer not null check (ease >= 130),
    interval_days    integer not null check (interval_days between 0 and 36500),
    repetitions      integer not null check (repetitions >= 0),
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    capture_id       uuid,
    origin           text not null check (origin in ('MANUAL', 'GENERATED')),
    front            text not null check (char_length(front) between 1 and 10000),
    back             text not null check (char_length(back) between 1 and 10000),
    hint             text check (char_length(hint) <= 1000),
    source           text check (char_length(source) <= 10000),
    generated_by     text check (char_length(generated_by) <= 50),
    tags             text[] not null default '{}' check (cardinality(tags) <= 20),
    primary key (user_id, id),
    foreign key (user_id, topic_id) references topics (user_id, id)
) with (fillfactor = 85);
create index flashcards_due on flashcards (user_id, due_at, id);
create index flashcards_of_topic on flashcards (topic_id, id);

-- Everything that ever happened to a card's memory state, in order: each entry made one version of its card. Folding the entries gives the state of the card;
-- taking *_before back undoes the last one. REVIEW is the first kind; undone reviews, set due dates, forgetting, imported states and changes of scheduler are further
-- ones, which keep what they need besides these columns in payload. The log outlives its card (schedulers are fitted to it) and ends with the person.
create table review_log (
    id                      uuid not null,
    user_id                 uuid not null,
    flashcard_id            uuid not null,
    card_version            bigint not null,
    occurred_at             timestamptz not null,
    due_before              timestamptz not null,
    last_reviewed_before    timestamptz,
    due_after               timestamptz not null,
    -- Whole study days since the previous review, computed once, in the zone the person was in; null at the first review.
    elapsed_days            integer check (elapsed_days >= 0),
    duration_ms             integer check (duration_ms >= 0),
    study_day               date not null,
    ease_before             integer not null,
    interval_before         integer not null,
    repetitions_before      integer not null,
    ease_after              integer not null,
    interval_after          integer not null,
    repetitions_after       integer not null,
    quality                 smallint check (quality between 0 and 5),
    kind                    text not null check (kind in ('REVIEW')),
    payload                 jsonb,
    primary key (user_id, flashcard_id, card_version),
    check (kind <> 'REVIEW' or quality is not null)
);

-- Captured material: its text until flashcards are made of it, and that it was deleted, so that late events do not bring it back.
create table captured_texts (
    capture_id uuid primary key,
    user_id    uuid not null,
    attempt    integer not null,
    title      text,
    text       text,
    language   text,
    tags       text[] not null default '{}',
    deleted_at timestamptz
);
create index captured_texts_of_user on captured_texts (user_id);
