using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Identity;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Progress;

/// <summary>Events as the other services publish them, of people who live at <see cref="Midday"/> unless it is said where.</summary>
internal static class LearnerEvents
{
    public static UserRegistered Registered(Guid userId, string name = "Ada", string? timeZone = null, bool isPublic = true, string locale = "en") =>
        new(userId, $"{userId:n}@example.org", name, "USER", timeZone ?? Midday.Zone, locale, isPublic, Version: 1);

    public static UserUpdated Updated(Guid userId, long version, string name = "Ada", string? timeZone = null, bool isPublic = true, string locale = "en") =>
        new(userId, $"{userId:n}@example.org", name, "USER", timeZone ?? Midday.Zone, locale, isPublic, version);

    public static FlashcardReviewed Reviewed(Guid userId, DateTimeOffset at, string? timeZone = null) =>
        new(userId, Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Quality: 4, at, DateIn(timeZone ?? Midday.Zone, at), timeZone ?? Midday.Zone, Version: 2);

    public static TopicCompleted Completed(Guid userId, DateTimeOffset at, string? timeZone = null) =>
        new(userId, Guid.NewGuid(), "A topic", at, DateIn(timeZone ?? Midday.Zone, at), timeZone ?? Midday.Zone, Version: 2);

    public static EventEnvelope Envelope(this IIntegrationEvent integrationEvent, DateTimeOffset at) => EventEnvelope.Of(integrationEvent, "test", at, traceParent: null);

    public static Task PublishAsync(this TestApplication app, IReadOnlyList<EventEnvelope> envelopes) =>
        app.Services.GetRequiredService<IEventTransport>().PublishAsync(envelopes, CancellationToken.None);

    public static DateOnly DateIn(string timeZone, DateTimeOffset at) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(at.UtcDateTime, TimeZoneInfo.FindSystemTimeZoneById(timeZone)));
}
