-- Who somebody is to other learners, and their streak. Changes a few times a day at most.
create table profiles (
    id             uuid primary key,
    version        bigint not null default 1 check (version > 0),
    -- Version of the user that name, locale, zone and visibility are from; 0 while only learning events have told of the person.
    user_version   bigint not null default 0 check (user_version >= 0),
    name           text check (length(name) <= 1000),
    locale         text not null default 'en' check (length(locale) <= 100),
    time_zone      text not null check (length(time_zone) <= 100),
    is_public      boolean not null default false,
    streak         integer not null default 0 check (streak >= 0),
    longest_streak integer not null default 0,
    -- The last earned day: its date, the zone it was earned in and when.
    earned_on      date,
    earned_zone    text check (length(earned_zone) <= 100),
    earned_at      timestamptz,
    check (longest_streak >= streak),
    check ((streak > 0) = (earned_on is not null and earned_zone is not null and earned_at is not null))
);
-- For the warnings: one look-up for each pair of zones and date.
create index profiles_by_earned_day on profiles (time_zone, earned_zone, earned_on) where streak > 0;

-- Points change with every review, so they have a narrow table of their own.
create table scores (
    user_id uuid primary key references profiles on delete cascade,
    points  bigint not null check (points >= 0)
) with (fillfactor = 80);
create index scores_by_points on scores (points desc, user_id);

-- How many profiles have points in a bucket, named by its lower bound: the rank of one is a sum over these rows.
-- Negative counts are not refused: a drift must not keep anyone from earning points, and the verification repairs it.
create table rank_buckets (
    bucket   bigint primary key check (bucket >= 0),
    profiles bigint not null
) with (fillfactor = 50);

-- The ledger: what was done on a date of the person's calendar. The points of a score are the sum over its days.
create table daily_activity (
    user_id    uuid not null references profiles on delete cascade,
    local_date date not null,
    time_zone  text not null check (length(time_zone) <= 100),
    actions    integer not null check (actions >= 0),
    points     integer not null check (points >= 0),
    first_at   timestamptz not null,
    last_at    timestamptz not null,
    primary key (user_id, local_date),
    check (first_at <= last_at)
) with (fillfactor = 70);

-- The last date for which somebody was warned that their streak ends tonight.
create table streak_warnings (
    user_id    uuid primary key references profiles on delete cascade,
    local_date date not null
);
