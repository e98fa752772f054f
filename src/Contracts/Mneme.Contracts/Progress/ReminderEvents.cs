using Mneme.Platform.Messaging;

namespace Mneme.Contracts.Progress;

/// <summary>A streak ends tonight unless its owner does something; at most once for each local date.</summary>
/// <param name="UserId">Whose streak.</param>
/// <param name="Streak">Days that are at stake.</param>
/// <param name="LocalDate">The date on the person's calendar.</param>
/// <param name="TimeZone">The person's IANA time zone.</param>
/// <param name="Version">Version of the profile.</param>
[Event("streak.warning", 1, Topic = "reminder-events")]
public sealed record StreakWarning(Guid UserId, int Streak, DateOnly LocalDate, string TimeZone, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}
