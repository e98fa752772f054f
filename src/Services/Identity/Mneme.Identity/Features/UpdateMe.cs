using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

/// <summary>What is left out stays as it is. The time zone stands in access tokens and so counts from the next one: refresh to use it at once.</summary>
internal sealed record UpdateMeRequest(
    [StringLength(PersonName.MaxLength)] string? Name = null,
    [StringLength(TimeZones.MaxLength)] string? TimeZone = null,
    [StringLength(Locales.MaxLength)] string? Locale = null,
    bool? PublicProfile = null);

internal static class UpdateMe
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapPatch("/auth/me", Handle).Owned()
        .WithName("UpdateMe").WithSummary("Change your name, time zone, language or visibility").Produces<MeResponse>();

    private static async Task<Outcome<MeResponse>> Handle(UpdateMeRequest request, IfMatch ifMatch, Actor actor, IdentityDb db, TimeProvider time, CancellationToken ct)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var name = Registration.Check("name", request.Name, PersonName.Parse, Registration.NameMessage, errors);
        var timeZone = Registration.Check("timeZone", request.TimeZone, TimeZones.Parse, Registration.TimeZoneMessage, errors);
        var locale = Registration.Check("locale", request.Locale, Locales.Parse, Registration.LocaleMessage, errors);
        if (errors.Count > 0)
            return Problem.Invalid(errors);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == actor.UserId, ct);
        if (user is null)
            return Problem.NotFound("account");
        if (!ifMatch.Allows(user.Version))
            return Problem.PreconditionFailed();
        if (user.Describe(name, timeZone, locale, request.PublicProfile))
            db.Publish(user.Updated(), time.GetUtcNow());
        return MeResponse.Of(user);
    }
}
