namespace Mneme.Notify.Domain;

internal enum NotificationKind
{
    Welcome,
    Reminder,
    StreakWarning,
}

internal enum NotificationStatus
{
    Queued,

    /// <summary>The mail server took it, or it was written as a file.</summary>
    Sent,

    /// <summary>It was refused for good, or could not be handed over in time.</summary>
    Failed,

    /// <summary>The person does not want it, or its day was over before it could be sent.</summary>
    Suppressed,
}

/// <summary>Something to tell somebody, and what became of it. Written by set-based SQL; see <c>NotificationQueue</c> and <c>SendNotification</c>.</summary>
internal sealed class Notification
{
    public Guid Id { get; init; }

    public Guid UserId { get; init; }

    public NotificationKind Kind { get; init; }

    /// <summary>The day it concerns on the person's calendar; null for a welcome.</summary>
    public DateOnly? LocalDate { get; init; }

    /// <summary>The zone of <see cref="LocalDate"/>.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Cards that are due, or days of the streak; 0 for a welcome.</summary>
    public int Count { get; init; }

    public NotificationStatus Status { get; init; }

    /// <summary>Why it failed or was suppressed, for the person.</summary>
    public string? Reason { get; init; }

    /// <summary>The mail's subject, once it was composed.</summary>
    public string? Subject { get; init; }

    /// <summary>Name of the file that the mail was written to, if there is no mail server.</summary>
    public string? MailFile { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Whether what it says has ceased to be true: its day is over where the person was.</summary>
    public bool IsOutdated(DateTimeOffset now) => LocalDate < DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, Zone(TimeZone)).DateTime);

    private static TimeZoneInfo Zone(string? id) => id is not null && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : TimeZoneInfo.Utc;
}
