using System.Reflection;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Mneme.Platform.Security;

/// <summary>Roles, as they stand in tokens.</summary>
public static class Roles
{
    public const string User = "USER";
    public const string Teacher = "TEACHER";
    public const string Admin = "ADMIN";
}

/// <summary>
/// Who is calling, from the verified access token and nothing else. As a handler's parameter it makes the operation require a token.
/// </summary>
/// <param name="UserId">The user (<c>sub</c>).</param>
/// <param name="Role">One of <see cref="Roles"/>.</param>
/// <param name="SessionId">The session (<c>sid</c>) that the token belongs to.</param>
/// <param name="TimeZone">The person's time zone (<c>zoneinfo</c>); UTC if the token names none that is known here.</param>
/// <param name="SignedInAt">When the person proved who they are (<c>auth_time</c>).</param>
public sealed record Actor(Guid UserId, string Role, Guid SessionId, TimeZoneInfo TimeZone, DateTimeOffset SignedInAt)
{
    public bool IsAdmin => Role == Roles.Admin;

    /// <summary>The date on the person's calendar.</summary>
    public DateOnly LocalDate(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, TimeZone).DateTime);

    /// <summary>For minimal APIs; the pipeline has already refused callers without a token.</summary>
    public static ValueTask<Actor?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult(context.User is ActorPrincipal principal ? principal.Actor : null);
}

/// <summary>The principal of a verified access token.</summary>
public sealed class ActorPrincipal(Actor actor) : ClaimsPrincipal(new ClaimsIdentity(
    [new Claim(ClaimTypes.NameIdentifier, actor.UserId.ToString()), new Claim(ClaimTypes.Role, actor.Role)], authenticationType: "Bearer"))
{
    public Actor Actor { get; } = actor;
}
