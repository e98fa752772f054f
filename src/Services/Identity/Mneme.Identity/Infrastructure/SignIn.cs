using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Platform.Domain;

namespace Mneme.Identity.Infrastructure;

/// <summary>Somebody who is signed in now, and what proves it.</summary>
/// <param name="User">Who it is.</param>
/// <param name="Token">Access token, sent as <c>Authorization: Bearer …</c>.</param>
/// <param name="RefreshToken">Good for one use at <c>/auth/refresh</c>, within 14 days.</param>
/// <param name="ExpiresIn">Seconds until the access token expires.</param>
/// <param name="DeviceToken">
/// Sent with the next login, it tells that the person has signed in here before, and lets them in while somebody else guesses their password. Browsers
/// keep it as a cookie.
/// </param>
internal sealed record AuthResponse(
    UserSummary User, string Token, string RefreshToken, int ExpiresIn,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DeviceToken = null);

internal sealed record UserSummary(Guid Id, string Email, string Name, string Role);

/// <summary>Begins a session for somebody who has proved who they are.</summary>
internal sealed class SignIn(IdentityDb db, AccessTokens tokens, TimeProvider time)
{
    private const int MaxDevices = 100;

    /// <summary>Adds a session, and the device unless it is known, to the unit of work.</summary>
    public async Task<AuthResponse> BeginAsync(User user, Caller caller, KnownDevice? device, string? deviceToken, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var session = Session.Start(user.Id, caller.Address, caller.UserAgent, now);
        var refresh = SecretToken.New();
        db.Sessions.Add(session);
        db.RefreshTokens.Add(session.Issue(refresh, now));
        if (device is null)
        {
            var secret = SecretToken.New();
            deviceToken = secret.Text;
            db.KnownDevices.Add(new KnownDevice(user.Id, secret, now));
        }
        else
        {
            device.Touch(now);
        }

        var access = await tokens.SignAsync(user.Id, user.Role, user.TimeZone, session, ct);
        caller.Remember(deviceToken!);
        return new AuthResponse(new UserSummary(user.Id, user.Email!, user.Name, user.Role), access.Text, refresh.Text, access.ExpiresIn, deviceToken);
    }

    /// <summary>
    /// Whether a person may still do what their password was compared for. Locks the row until the transaction ends, and reads it again: a change of
    /// password or role, which ends all sessions, waits for this and ends what it begins, or is seen here.
    /// </summary>
    public async Task<bool> StillHoldsAsync(User user, CancellationToken ct)
    {
        var stamp = user.SecurityStamp;
        await db.Database.ExecuteSqlAsync($"select from users where id = {user.Id} for no key update", ct);
        var entry = db.Entry(user);
        await entry.ReloadAsync(ct);
        return entry.State != EntityState.Detached && user.DisabledAt is null && user.SecurityStamp == stamp;
    }

    /// <summary>The answer where <see cref="StillHoldsAsync"/> says no.</summary>
    public static Problem ChangedMeanwhile() => Problem.Conflict("changed-meanwhile", "The account was changed at the same time. Sign in again.");

    /// <summary>Forgets the devices that were not used for longest, so that clients that keep no device token do not fill the table.</summary>
    public Task ForgetOldDevicesAsync(Guid userId, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        delete from known_devices where id in (select id from known_devices where user_id = {userId} order by last_used_at desc offset {MaxDevices - 1})
        """, ct);
}
