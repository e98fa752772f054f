using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Identity;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Progress;

/// <summary>Events as the other services publish them.</summary>
internal static class LearnerEvents
{
    public static UserRegistered Registered(Guid userId, string name = "Ada", string timeZone = "Europe/Berlin", bool isPublic = true, string locale = "en") =>
        new(userId, $"{userId:n}@example.org", name, "USER", timeZone, locale, isPublic, Version: 1);

    public static UserUpdated Updated(Guid userId, long version, string name = "Ada", string timeZone = "Europe/Berlin", bool isPublic = true, string locale = "en") =>
        new(userId, $"{userId:n}@example.org", name, "USER", timeZone, locale, isPublic, version);

    public static FlashcardReviewed Reviewed(Guid userId, DateTimeOffset at, string timeZone = "Europe/Berlin") =>
        new(userId, Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Quality: 4, at, DateIn(timeZone, at), timeZone, Version: 2);

    public static TopicCompleted Completed(Guid userId, DateTimeOffset at, string timeZone = "Europe/Berlin") =>
        new(userId, Guid.NewGuid(), "A topic", at, DateIn(timeZone, at), timeZone, Version: 2);

    public static EventEnvelope Envelope(this IIntegrationEvent integrationEvent, DateTimeOffset at) => EventEnvelope.Of(integrationEvent, "test", at, traceParent: null);

    public static Task PublishAsync(this TestApplication app, IReadOnlyList<EventEnvelope> envelopes) =>
        app.Services.GetRequiredService<IEventTransport>().PublishAsync(envelopes, CancellationToken.None);

    public static DateOnly DateIn(string timeZone, DateTimeOffset at) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(at.UtcDateTime, TimeZoneInfo.FindSystemTimeZoneById(timeZone)));
}
