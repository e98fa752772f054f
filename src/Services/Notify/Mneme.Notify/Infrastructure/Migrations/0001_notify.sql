-- Whom to write to: follows Identity's events. A row of version 0 stands for somebody whose registration has not arrived yet, but something to tell them has.
create table recipients (
    user_id         uuid primary key,
    email           text check (char_length(email) <= 254),
    name            text check (char_length(name) <= 200),
    locale          text check (char_length(locale) <= 35),
    time_zone       text check (char_length(time_zone) <= 100),
    version         bigint not null default 0,
    -- Signs the person's links for unsubscribing.
    unsubscribe_key bytea not null check (octet_length(unsubscribe_key) = 32),
    check ((version = 0) = (email is null))
);

-- Kinds that a person does not want; without a row they want all.
create table preferences (
    user_id uuid primary key,
    muted   text[] not null default '{}' check (muted <@ array['REMINDER', 'STREAK_WARNING']),
    version bigint not null default 1
);

-- Everything that was to be told to anybody: the queue's content and the history. local_date is the day that it concerns, on the person's calendar.
create table notifications (
    id          uuid primary key,
    user_id     uuid not null,
    kind        text not null check (kind in ('WELCOME', 'REMINDER', 'STREAK_WARNING')),
    local_date  date,
    time_zone   text check (char_length(time_zone) <= 100),
    count       integer not null default 0 check (count >= 0),
    status      text not null check (status in ('QUEUED', 'SENT', 'FAILED', 'SUPPRESSED')),
    reason      text check (char_length(reason) <= 500),
    subject     text check (char_length(subject) <= 200),
    mail_file   text check (char_length(mail_file) <= 100),
    created_at  timestamptz not null,
    finished_at timestamptz,
    check ((kind = 'WELCOME') = (local_date is null)),
    check ((status = 'QUEUED') = (finished_at is null)),
    -- One mail for each occasion, however often its event comes, and one reminder a day.
    unique nulls not distinct (user_id, kind, local_date)
);
create index notifications_of_user on notifications (user_id, id);
create index notifications_in_files on notifications (id) where mail_file is not null;
