using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;

namespace Mneme.Identity.Features;

internal sealed record RefreshRequest([Required, StringLength(SecretToken.MaxLength)] string RefreshToken);

/// <summary>
/// Gives a new pair of tokens for a refresh token, once. A token that comes a second time was copied, so its session ends for whoever has it. A client that
/// did not get the answer repeats its request with the same <c>Idempotency-Key</c> within a minute; without one it signs in again.
/// </summary>
internal static class Refresh
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapPost("/auth/refresh", Handle).Public().OwnTransaction()
        .WithName("Refresh").WithSummary("Exchange a refresh token for new tokens").Produces<AuthResponse>();

    private static async Task<Outcome<AuthResponse>> Handle(
        RefreshRequest request, Caller caller, IdentityDb db, AccessTokens tokens, SessionEnds ends, TimeProvider time, CancellationToken ct)
    {
        var hash = SecretToken.HashOf(request.RefreshToken);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // The session's row makes the uses of a family's tokens one after the other, and keeps an ending of the session before or behind this.
        var session = (await db.Sessions.FromSql($"select s.* from sessions s join refresh_tokens t on t.session_id = s.id where t.hash = {hash} for update of s")
            .ToListAsync(ct)).SingleOrDefault();
        if (session is null || await db.RefreshTokens.SingleOrDefaultAsync(t => t.Hash == hash, ct) is not { } presented)
            return Invalid();
        var successor = presented.Successor is { } next ? await db.RefreshTokens.SingleOrDefaultAsync(t => t.Hash == next, ct) : null;
        var now = time.GetUtcNow();
        switch (presented.Judge(caller.RetryKey, successor, now))
        {
            case RefreshVerdict.Expired:
                return Invalid();
            case RefreshVerdict.Reused:
                var ended = await ends.EndAsync(db, session.UserId, session.Id, ct);
                db.Record(now, "session.refresh-reused", actorId: null, session.UserId, "refresh-token-reused", caller.Address, new { SessionId = session.Id });
                await db.SaveChangesAsync(ct);
                await transaction.CommitAsync(ct);
                ends.Announce(ended);
                return Problem.Unauthenticated("refresh-token-reused", "This refresh token was used before, so its session has been ended. Sign in again.");
            case RefreshVerdict.Retried:
                successor!.Supersede(now);
                break;
        }

        var user = await db.Users.Where(u => u.Id == session.UserId).Select(u => new { u.Email, u.Name, u.Role, u.TimeZone }).SingleAsync(ct);
        var refresh = SecretToken.New();
        var issued = session.Issue(refresh, now);
        db.RefreshTokens.Add(issued);
        presented.Use(issued, caller.RetryKey, now);
        session.Touch(caller.Address, caller.UserAgent, now);
        var access = await tokens.SignAsync(session.UserId, user.Role, user.TimeZone, session, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return new AuthResponse(new UserSummary(session.UserId, user.Email!, user.Name, user.Role), access.Text, refresh.Text, access.ExpiresIn);
    }

    private static Problem Invalid() => Problem.Unauthenticated("invalid-refresh-token", "The refresh token is not valid, or not any more. Sign in again.");
}
