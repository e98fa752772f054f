using Mneme.Contracts.Identity;
using Mneme.Platform.Messaging;
using Mneme.Progress.Infrastructure;

namespace Mneme.Progress.Features;

/// <summary>Follows name, language, time zone and visibility; an event older than what is known changes nothing.</summary>
internal static class OnUserUpdated
{
    public static Task Handle(EventBatch<UserUpdated> batch, ProgressDb db, CancellationToken ct) =>
        ProfileWriter.ApplyAsync(db, batch.Select(e => new UserDetails(e.Data.UserId, e.Data.Name, e.Data.Locale, e.Data.TimeZone, e.Data.IsPublic, e.Data.Version)), ct);
}
