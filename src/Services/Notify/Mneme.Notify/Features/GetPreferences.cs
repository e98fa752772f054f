using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Notify.Domain;
using Mneme.Notify.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Notify.Features;

/// <param name="Kinds">Every kind of notification.</param>
/// <param name="Version">Also the ETag; 0 while nothing was ever changed.</param>
internal sealed record PreferencesResponse(IReadOnlyList<KindPreference> Kinds, long Version) : IVersioned
{
    public static PreferencesResponse Of(Preferences? preferences) => new(
        [.. Enum.GetValues<NotificationKind>().Select(kind => new KindPreference(kind, preferences?.Wants(kind) ?? true, Preferences.CanMute(kind)))], preferences?.Version ?? 0);
}

/// <param name="Kind">The kind.</param>
/// <param name="Enabled">Whether the person is told.</param>
/// <param name="Changeable">Whether it can be turned off.</param>
internal sealed record KindPreference(NotificationKind Kind, bool Enabled, bool Changeable);

internal static class GetPreferences
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/notifications/preferences", Handle).Owned()
        .WithName("GetNotificationPreferences").WithSummary("Which notifications the caller gets.").Produces<PreferencesResponse>();

    private static async Task<Outcome<PreferencesResponse>> Handle(Actor actor, NotifyDb db, CancellationToken ct) =>
        PreferencesResponse.Of(await db.Preferences.AsNoTracking().SingleOrDefaultAsync(p => p.UserId == actor.UserId, ct));
}
