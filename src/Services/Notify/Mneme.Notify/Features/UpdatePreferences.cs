using System.ComponentModel.DataAnnotations;
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

/// <param name="Kinds">Kinds that are left out stay as they are.</param>
internal sealed record UpdatePreferencesRequest([Required, MaxLength(20)] IReadOnlyList<KindChoice> Kinds);

internal sealed record KindChoice(NotificationKind Kind, bool Enabled);

internal static class UpdatePreferences
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapPut("/notifications/preferences", Handle).Owned()
        .WithName("UpdateNotificationPreferences").WithSummary("Choose which notifications the caller gets.")
        .Produces<PreferencesResponse>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status412PreconditionFailed);

    private static async Task<Outcome<PreferencesResponse>> Handle(UpdatePreferencesRequest request, Actor actor, IfMatch ifMatch, NotifyDb db, CancellationToken ct)
    {
        if (request.Kinds.Any(choice => !choice.Enabled && !Preferences.CanMute(choice.Kind)))
            return Problem.Invalid("kinds", "WELCOME is part of the registration and cannot be turned off.");
        if (request.Kinds.DistinctBy(choice => choice.Kind).Count() < request.Kinds.Count)
            return Problem.Invalid("kinds", "Name each kind once.");
        // Two callers at once take their turn on the row, which is made if there is none.
        await db.Database.ExecuteSqlAsync($"insert into preferences (user_id, version) values ({actor.UserId}, 0) on conflict do nothing", ct);
        var current = await db.Preferences.FromSql($"select * from preferences where user_id = {actor.UserId} for update").AsNoTracking().SingleAsync(ct);
        if (!ifMatch.Allows(current.Version))
            return Problem.PreconditionFailed();
        var muted = Enum.GetValues<NotificationKind>()
            .Where(kind => !(request.Kinds.FirstOrDefault(choice => choice.Kind == kind)?.Enabled ?? current.Wants(kind)))
            .Select(kind => kind.ApiName()).ToArray();
        var changed = new Preferences { UserId = actor.UserId, Muted = muted, Version = current.Version + 1 };
        await db.Preferences.Where(p => p.UserId == actor.UserId)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.Muted, changed.Muted).SetProperty(p => p.Version, changed.Version), ct);
        return PreferencesResponse.Of(changed);
    }
}
