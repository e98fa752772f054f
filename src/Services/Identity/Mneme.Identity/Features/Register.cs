using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

/// <param name="Email">To sign in with.</param>
/// <param name="Password">8 to 128 characters, none of the well-known ones.</param>
/// <param name="Name">What to call the person.</param>
/// <param name="TimeZone">IANA name, such as <c>Europe/Berlin</c>; decides when the person's days begin.</param>
/// <param name="Locale">BCP 47 tag, such as <c>de</c>; without it the best of <c>Accept-Language</c>.</param>
/// <param name="InvitationCode">Where registration is by invitation.</param>
internal sealed record RegisterRequest(
    [Required, StringLength(EmailAddress.MaxLength)] string Email,
    [Required, StringLength(PasswordPolicy.MaxLength * 2)] string Password,
    [Required, StringLength(PersonName.MaxLength)] string Name,
    [StringLength(TimeZones.MaxLength)] string? TimeZone = null,
    [StringLength(Locales.MaxLength)] string? Locale = null,
    [StringLength(SecretToken.MaxLength)] string? InvitationCode = null);

internal static class Register
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/auth/register", Handle).Public().OwnTransaction()
        .WithName("Register").WithSummary("Make an account and sign in").Produces<AuthResponse>(StatusCodes.Status201Created);

    private static async Task<Outcome<AuthResponse>> Handle(
        RegisterRequest request, Caller caller, IdentityDb db, UserManager<User> users, PasswordHashing passwords, SignIn signIn, Throttle throttle,
        AccountOptions options, TimeProvider time, CancellationToken ct)
    {
        if (options.Registration == RegistrationMode.Closed)
            return Problem.Forbidden("registration-closed", "This installation takes no registrations. Ask an administrator for an account.");
        var parsed = Registration.Parse(
            request.Email, request.Password, request.Name, request.TimeZone ?? options.DefaultTimeZone, request.Locale ?? caller.Locale ?? options.DefaultLocale);
        if (parsed.Problem is { } invalid)
            return invalid;
        var registration = parsed.Value!;
        var invitation = await FindInvitationAsync(db, request.InvitationCode, registration.Email, time.GetUtcNow(), ct);
        if (invitation is null && (options.Registration == RegistrationMode.Invitation || request.InvitationCode is not null))
            return InvalidInvitation();
        if (await throttle.RefuseAsync(db, [Limits.OfTakenAddresses(options, caller), Limits.OfRegistrations(options, caller)], time.GetUtcNow(), ct) is { } refused)
            return refused;
        if (await users.FindByEmailAsync(registration.Email.Value) is not null)
            return await TakenAsync(db, throttle, options, caller, time.GetUtcNow(), ct);
        var hash = await passwords.HashAsync(request.Password, ct);
        if (hash.Problem is { } busy)
            return busy;
        var user = registration.ToUser(invitation?.Role ?? Roles.User, hash.Value!, time.GetUtcNow());
        try
        {
            return await CreateAsync(db, users, throttle, signIn, user, caller, invitation, Limits.OfRegistrations(options, caller), time.GetUtcNow(), ct);
        }
        catch (DbUpdateException e) when (DatabaseFailure.IsUniqueViolation(e, "users_normalized_email_key"))
        {
            // Somebody registered with the address while this password was hashed.
            db.ChangeTracker.Clear();
            return await TakenAsync(db, throttle, options, caller, time.GetUtcNow(), ct);
        }
    }

    private static async Task<Invitation?> FindInvitationAsync(IdentityDb db, string? code, EmailAddress email, DateTimeOffset now, CancellationToken ct)
    {
        if (code is null)
            return null;
        var hash = SecretToken.HashOf(code);
        return await db.Invitations.AsNoTracking().SingleOrDefaultAsync(
            i => i.CodeHash == hash && i.UsedAt == null && i.ExpiresAt > now && (i.NormalizedEmail == null || i.NormalizedEmail == email.Key), ct);
    }

    private static async Task<Outcome<AuthResponse>> CreateAsync(
        IdentityDb db, UserManager<User> users, Throttle throttle, SignIn signIn, User user, Caller caller, Invitation? invitation, Limit limit, DateTimeOffset now, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // One conditional update: of several people with the same code one registers.
        if (invitation is not null
            && await db.Invitations.Where(i => i.Id == invitation.Id && i.UsedAt == null).ExecuteUpdateAsync(set => set.SetProperty(i => i.UsedAt, now), ct) == 0)
            return InvalidInvitation();
        if (await throttle.CountAsync(db, [limit], now, ct) is { } refused)
            return refused;
        await Registration.AddAsync(db, users, user, actorId: user.Id, caller.Address, now);
        var response = await signIn.BeginAsync(user, caller, device: null, deviceToken: null, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return Outcome.Created(response, "/api/v1/auth/me");
    }

    private static async Task<Problem> TakenAsync(IdentityDb db, Throttle throttle, AccountOptions options, Caller caller, DateTimeOffset now, CancellationToken ct)
    {
        var refused = await throttle.CountAsync(db, [Limits.OfTakenAddresses(options, caller)], now, ct);
        var problem = refused ?? Problem.Conflict("email-taken", "There is an account with this e-mail address already. Sign in instead.");
        db.Record(now, "user.register", actorId: null, subjectId: null, problem.Code, caller.Address);
        await db.SaveChangesAsync(ct);
        return problem;
    }

    private static Problem InvalidInvitation() =>
        Problem.Forbidden("invitation-invalid", "Registering here needs a valid invitation code: it is unknown, used, expired or meant for another e-mail address.");
}
