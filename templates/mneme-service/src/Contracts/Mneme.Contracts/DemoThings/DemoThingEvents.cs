using Mneme.Platform.Messaging;

namespace Mneme.Contracts.DemoThings;

/// <summary>Somebody completed one of their demo things; published once in its life.</summary>
/// <param name="UserId">Who completed it.</param>
/// <param name="DemoThingId">Which.</param>
/// <param name="Title">Its title; up to 100 characters.</param>
/// <param name="CompletedAt">When, UTC.</param>
/// <param name="LocalDate">The date on the person's calendar.</param>
/// <param name="TimeZone">The person's IANA time zone.</param>
/// <param name="Version">Version of the demo thing.</param>
[Event("demo-thing.completed", 1, Topic = "demo-thing-events")]
public sealed record DemoThingCompleted(
    Guid UserId, Guid DemoThingId, string Title, DateTimeOffset CompletedAt, DateOnly LocalDate, string TimeZone, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}
