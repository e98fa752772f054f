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

namespace Mneme.Identity.Features;

/// <param name="Email">The account's address.</param>
/// <param name="Password">As typed.</param>
/// <param name="DeviceToken">Of an earlier sign-in on this device, for clients that keep no cookies.</param>
internal sealed record LoginRequest(
    [Required, StringLength(EmailAddress.MaxLength)] string Email,
    [Required, StringLength(PasswordPolicy.MaxLength * 2)] string Password,
    [StringLength(SecretToken.MaxLength)] string? DeviceToken = null);

/// <summary>Signs somebody in with their password. Answers alike, in content and time, whether or not the account exists.</summary>
internal static class Login
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/auth/login", Handle).Public().OwnTransaction()
        .WithName("Login").WithSummary("Sign in with e-mail address and password").Produces<AuthResponse>();

    private static async Task<Outcome<AuthResponse>> Handle(
        LoginRequest request, Caller caller, IdentityDb db, UserManager<User> users, PasswordHashing passwords, SignIn signIn, Throttle throttle,
        AccountOptions options, TimeProvider time, CancellationToken ct)
    {
        // Before anything is asked of the database: a flood must not cost more than its refusal.
        if (passwords.RefuseIfBusy() is { } crowded)
            return crowded;
        var emailKey = EmailAddress.Parse(request.Email)?.Key ?? "";
        var deviceToken = request.DeviceToken ?? caller.DeviceToken;
        var device = deviceToken is null ? null : await FindDeviceAsync(db, deviceToken, emailKey, time.GetUtcNow(), ct);
        var limits = Limits.OfLogin(options, emailKey, caller, device?.Id);
        if (await throttle.RefuseAsync(db, limits, time.GetUtcNow(), ct) is { } refused)
            return refused;
        var user = await users.FindByEmailAsync(request.Email);
        var compared = await passwords.CheckAsync(user?.PasswordHash, request.Password, ct);
        if (compared.Problem is { } busy)
            return busy;
        if (user is null || compared.Value == PasswordCheck.Wrong)
            return await RejectAsync(db, throttle, limits, caller, user?.Id, time.GetUtcNow(), ct);
        // Guesses that were under way when the limit was reached are not answered, not even the right one.
        if (await throttle.RefuseAsync(db, limits, time.GetUtcNow(), ct) is { } refusedMeanwhile)
            return refusedMeanwhile;
        if (user.DisabledAt is not null)
            return Problem.Forbidden("account-disabled", "This account is closed. Ask an administrator of this installation.");
        var rehashed = compared.Value == PasswordCheck.RightButOutdated ? (await passwords.HashAsync(request.Password, ct)).Value : null;
        return await AdmitAsync(db, throttle, signIn, user, rehashed, caller, device, deviceToken, limits[0], time.GetUtcNow(), ct);
    }

    private static async Task<KnownDevice?> FindDeviceAsync(IdentityDb db, string token, string emailKey, DateTimeOffset now, CancellationToken ct)
    {
        var hash = SecretToken.HashOf(token);
        return await db.KnownDevices.SingleOrDefaultAsync(
            d => d.TokenHash == hash && d.LastUsedAt > now - KnownDevice.Lifetime && db.Users.Any(u => u.Id == d.UserId && u.NormalizedEmail == emailKey), ct);
    }

    private static async Task<Problem> RejectAsync(
        IdentityDb db, Throttle throttle, IReadOnlyList<Limit> limits, Caller caller, Guid? userId, DateTimeOffset now, CancellationToken ct)
    {
        var refused = await throttle.CountAsync(db, limits, now, ct);
        var problem = refused ?? Problem.Unauthenticated("invalid-credentials", "The e-mail address or the password is wrong.");
        db.Record(now, "user.login", actorId: null, userId, problem.Code, caller.Address);
        await db.SaveChangesAsync(ct);
        return problem;
    }

    private static async Task<Outcome<AuthResponse>> AdmitAsync(
        IdentityDb db, Throttle throttle, SignIn signIn, User user, string? rehashed, Caller caller, KnownDevice? device, string? deviceToken, Limit limit,
        DateTimeOffset now, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await signIn.StillHoldsAsync(user, ct))
            return SignIn.ChangedMeanwhile();
        user.PasswordHash = rehashed ?? user.PasswordHash;
        await throttle.ForgetAsync(db, limit, ct);
        if (device is null)
            await signIn.ForgetOldDevicesAsync(user.Id, ct);
        var response = await signIn.BeginAsync(user, caller, device, deviceToken, ct);
        db.Record(now, "user.login", user.Id, user.Id, address: caller.Address);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return response;
    }
}
