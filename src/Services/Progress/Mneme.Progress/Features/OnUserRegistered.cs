using Mneme.Contracts.Identity;
using Mneme.Platform.Messaging;
using Mneme.Progress.Infrastructure;

namespace Mneme.Progress.Features;

/// <summary>A profile with no points, at level 1, without a streak; or a name for one that earned points before this event came.</summary>
internal static class OnUserRegistered
{
    public static Task Handle(EventBatch<UserRegistered> batch, ProgressDb db, CancellationToken ct) =>
        ProfileWriter.ApplyAsync(db, batch.Select(e => new UserDetails(e.Data.UserId, e.Data.Name, e.Data.Locale, e.Data.TimeZone, e.Data.IsPublic, e.Data.Version)), ct);
}
