using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

/// <summary>Signs a person out elsewhere: on a lost telephone, on a library's computer.</summary>
internal static class EndSession
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapDelete("/auth/sessions/{id:guid}", Handle).Owned().OwnTransaction()
        .WithName("EndSession").WithSummary("End one of your sessions").Produces(StatusCodes.Status204NoContent);

    internal static async Task<bool> EndAsync(IdentityDb db, SessionEnds ends, Guid userId, Guid sessionId, string action, Caller caller, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var ended = await ends.EndAsync(db, userId, sessionId, ct);
        if (ended.Count == 0)
            return false;
        db.Record(ends.Now, action, userId, userId, address: caller.Address, detail: new { SessionId = sessionId });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        ends.Announce(ended);
        return true;
    }

    private static async Task<Outcome<Nothing>> Handle(Guid id, Actor actor, Caller caller, IdentityDb db, SessionEnds ends, CancellationToken ct) =>
        await EndAsync(db, ends, actor.UserId, id, "session.ended", caller, ct) ? Outcome.Done : Problem.NotFound("session");
}
