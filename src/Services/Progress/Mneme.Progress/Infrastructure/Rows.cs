using Mneme.Progress.Domain;

namespace Mneme.Progress.Infrastructure;

/// <summary>A row of <c>profiles</c>.</summary>
internal sealed class Profile
{
    public Guid Id { get; private init; }

    public long Version { get; private init; }

    public long UserVersion { get; private init; }

    /// <summary>Null until <c>user.registered</c> has told it.</summary>
    public string? Name { get; private init; }

    public string Locale { get; private init; } = "";

    public string TimeZone { get; private init; } = "";

    public bool IsPublic { get; private init; }

    public int Streak { get; private init; }

    public int LongestStreak { get; private init; }

    public DateOnly? EarnedOn { get; private init; }

    public string? EarnedZone { get; private init; }

    public DateTimeOffset? EarnedAt { get; private init; }

    public Streak ToStreak() => StreakColumns.ToStreak(Streak, LongestStreak, EarnedOn, EarnedZone, EarnedAt);
}

/// <summary>A row of <c>scores</c>.</summary>
internal sealed class Score
{
    public Guid UserId { get; private init; }

    public long Points { get; private init; }
}

/// <summary>A row of <c>daily_activity</c>.</summary>
internal sealed class DayRecord
{
    public Guid UserId { get; private init; }

    public DateOnly LocalDate { get; private init; }

    public string TimeZone { get; private init; } = "";

    public int Actions { get; private init; }

    public int Points { get; private init; }

    public DateTimeOffset FirstAt { get; private init; }

    public DateTimeOffset LastAt { get; private init; }
}

/// <summary>A row of <c>rank_buckets</c>.</summary>
internal sealed class RankBucketCount
{
    public long Bucket { get; private init; }

    public long Profiles { get; private init; }
}

/// <summary>A row of <c>streak_warnings</c>.</summary>
internal sealed class WarnedDay
{
    public Guid UserId { get; private init; }

    public DateOnly LocalDate { get; private init; }
}

internal static class StreakColumns
{
    public static Streak ToStreak(int days, int longest, DateOnly? earnedOn, string? earnedZone, DateTimeOffset? earnedAt) =>
        new(days, longest, earnedOn is { } date ? new EarnedDay(date, earnedZone!, earnedAt!.Value) : null);
}
