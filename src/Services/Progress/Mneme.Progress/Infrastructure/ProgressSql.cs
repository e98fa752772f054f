namespace Mneme.Progress.Infrastructure;

/// <summary>The statements whose speed is promised and measured.</summary>
internal static class ProgressSql
{
    /// <summary>
    /// Held by whoever writes profiles, scores, days and buckets, until the end of the transaction. One batch touches hundreds of people and shares the rows of the
    /// buckets with every other, in an order that nobody controls when handlers of several events run in one transaction; taken in turn, batches never
    /// deadlock and never wait halfway. Taking turns costs little: a batch is a few milliseconds long. The erasure takes it too, so that a tombstone is seen.
    /// Taken once more in the same transaction it costs nothing. The key is "progress" in ASCII: where all services share one database, it is Progress's own.
    /// </summary>
    public const string TakeTurn = "select pg_advisory_xact_lock(8102661169684509555)";

    /// <summary>$1 ids, $2 time zones: makes profiles of those who have none, and were not erased.</summary>
    public const string CreateMissingProfiles = """
        with created as (
            insert into profiles (id, time_zone)
            select u.id, u.time_zone from unnest($1::uuid[], $2::text[]) as u (id, time_zone)
            where not exists (select from profiles where profiles.id = u.id) and not exists (select from erased where erased.id = u.id)
            on conflict do nothing
            returning id),
        scored as (insert into scores (user_id, points) select id, 0 from created)
        insert into rank_buckets (bucket, profiles) select 0, count(*) from created having count(*) > 0
        on conflict (bucket) do update set profiles = rank_buckets.profiles + excluded.profiles
        """;

    /// <summary>$1 ids, each once, $2 points to add: answers the new points and the streak as it is.</summary>
    public const string AddPoints = """
        update scores s set points = s.points + u.points
        from unnest($1::uuid[], $2::bigint[]) as u (id, points) join profiles p on p.id = u.id
        where s.user_id = u.id
        returning s.user_id, s.points, p.streak, p.longest_streak, p.earned_on, p.earned_zone, p.earned_at
        """;

    /// <summary>$1 users, $2 dates (each pair once), $3 zones, $4 actions, $5 points, $6 first and $7 last instants: answers the whole days.</summary>
    public const string AddActivity = """
        insert into daily_activity as d (user_id, local_date, time_zone, actions, points, first_at, last_at)
        select u.* from unnest($1::uuid[], $2::date[], $3::text[], $4::integer[], $5::integer[], $6::timestamptz[], $7::timestamptz[])
            as u (user_id, local_date, time_zone, actions, points, first_at, last_at)
        join profiles p on p.id = u.user_id
        on conflict (user_id, local_date) do update
        set actions = d.actions + excluded.actions, points = d.points + excluded.points,
            time_zone = case when excluded.first_at < d.first_at then excluded.time_zone else d.time_zone end,
            first_at = least(d.first_at, excluded.first_at), last_at = greatest(d.last_at, excluded.last_at)
        returning user_id, local_date, time_zone, first_at, last_at
        """;

    /// <summary>$1 users: all their active days.</summary>
    public const string ListActivity =
        "select user_id, local_date, time_zone, first_at, last_at from daily_activity where user_id = any($1) and actions > 0";

    /// <summary>$1 ids, $2 streaks, $3 longest streaks, $4 earned dates, $5 zones and $6 instants.</summary>
    public const string SetStreaks = """
        update profiles p
        set streak = u.streak, longest_streak = u.longest, earned_on = u.earned_on, earned_zone = u.earned_zone, earned_at = u.earned_at, version = p.version + 1
        from unnest($1::uuid[], $2::integer[], $3::integer[], $4::date[], $5::text[], $6::timestamptz[])
            as u (id, streak, longest, earned_on, earned_zone, earned_at)
        where p.id = u.id
        """;

    /// <summary>$1 buckets, each once, $2 how many profiles more, or fewer.</summary>
    public const string MoveBuckets = """
        insert into rank_buckets (bucket, profiles) select * from unnest($1::bigint[], $2::bigint[])
        on conflict (bucket) do update set profiles = rank_buckets.profiles + excluded.profiles
        """;

    /// <summary>$1 points, $2 and $3 their bucket's start and end: 1 + how many have more.</summary>
    public const string Rank = """
        select 1 + (select coalesce(sum(profiles), 0)::bigint from rank_buckets where bucket > $2)
                 + (select count(*) from scores where points > $1 and points < $3)
        """;

    /// <summary>$1 how many: those with the most points; of equals, who registered first.</summary>
    public const string Top = """
        select s.user_id, s.points, p.name, p.is_public, p.time_zone, p.streak, p.longest_streak, p.earned_on, p.earned_zone, p.earned_at
        from scores s join profiles p on p.id = s.user_id
        order by s.points desc, s.user_id limit $1
        """;

    /// <summary>$1 and $2 the buckets' starts and ends: makes the counts what counting gives, and answers how many were wrong.</summary>
    public const string RepairBuckets = """
        with counted as (
            select b.bucket, c.profiles
            from unnest($1::bigint[], $2::bigint[]) as b (bucket, bucket_end)
            cross join lateral (select count(*) as profiles from scores where points >= b.bucket and points < b.bucket_end) c),
        drift as (
            select coalesce(c.bucket, r.bucket) as bucket, coalesce(c.profiles, 0) as profiles
            from counted c full join rank_buckets r on r.bucket = c.bucket
            where coalesce(c.profiles, 0) <> coalesce(r.profiles, 0)),
        repaired as (
            insert into rank_buckets (bucket, profiles) select bucket, profiles from drift
            on conflict (bucket) do update set profiles = excluded.profiles)
        select count(*) from drift
        """;

    public const string RemoveEmptyBuckets = "delete from rank_buckets where profiles = 0";

    /// <summary>The pairs of zones of all streaks, by skipping from one to the next in the index.</summary>
    public const string ListZones = """
        with recursive zones as (
            (select time_zone, earned_zone from profiles where streak > 0 order by time_zone, earned_zone limit 1)
            union all
            select next.time_zone, next.earned_zone
            from zones z cross join lateral (
                select p.time_zone, p.earned_zone from profiles p
                where p.streak > 0 and (p.time_zone, p.earned_zone) > (z.time_zone, z.earned_zone)
                order by p.time_zone, p.earned_zone limit 1) next)
        select time_zone, earned_zone from zones
        """;

    /// <summary>
    /// $1 zones, $2 zones of the last earned day, $3 its date, $4 today in the zone; $5 the present, $6 type and $7 topic of the event, $8 the trace, $9 at most so many.
    /// Remembers each warning and publishes it. The ids are UUIDv7, as everywhere; PostgreSQL 15 makes version 4 only, so the time is laid over it.
    /// </summary>
    public const string Warn = """
        with stake as (
            select * from unnest($1::text[], $2::text[], $3::date[], $4::date[]) as s (time_zone, earned_zone, earned_on, local_date)),
        warned as (
            insert into streak_warnings as w (user_id, local_date)
            select p.id, s.local_date
            from stake s join profiles p on p.time_zone = s.time_zone and p.earned_zone = s.earned_zone and p.earned_on = s.earned_on and p.streak > 0
            where not exists (select from streak_warnings x where x.user_id = p.id and x.local_date >= s.local_date)
            order by p.id limit $9
            on conflict (user_id) do update set local_date = excluded.local_date where w.local_date < excluded.local_date
            returning user_id, local_date)
        insert into outbox (id, type, topic, partition_key, occurred_at, trace_parent, data)
        select (lpad(to_hex(floor(extract(epoch from $5::timestamptz) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
               $6, $7, p.id, $5, $8,
               json_build_object('userId', p.id, 'streak', p.streak, 'localDate', w.local_date, 'timeZone', p.time_zone, 'version', p.version)::text
        from warned w join profiles p on p.id = w.user_id
        """;
}
