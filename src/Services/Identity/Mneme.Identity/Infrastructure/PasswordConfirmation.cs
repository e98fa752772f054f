using Mneme.Identity.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.Identity.Infrastructure;

/// <summary>Asks a signed-in person for their password again, before what cannot be undone.</summary>
internal sealed class PasswordConfirmation(IdentityDb db, PasswordHashing passwords, Throttle throttle, AccountOptions options, TimeProvider time)
{
    /// <returns>Null if it is the person's password. What is wrong is counted and recorded.</returns>
    public async Task<Problem?> RefuseAsync(User user, string password, string field, string action, Actor actor, Caller caller, CancellationToken ct)
    {
        var limit = Limits.OfSession(options, actor.SessionId);
        if (await throttle.RefuseAsync(db, [limit], time.GetUtcNow(), ct) is { } refused)
            return refused;
        var compared = await passwords.CheckAsync(user.PasswordHash, password, ct);
        if (compared.Problem is { } busy)
            return busy;
        if (compared.Value != PasswordCheck.Wrong)
            return await throttle.RefuseAsync(db, [limit], time.GetUtcNow(), ct);
        var now = time.GetUtcNow();
        var problem = await throttle.CountAsync(db, [limit], now, ct)
            ?? Problem.Forbidden("wrong-password", "This is not your password.") with { Errors = new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = ["is not your password."] } };
        db.Record(now, action, user.Id, user.Id, problem.Code, caller.Address);
        await db.SaveChangesAsync(ct);
        return problem;
    }
}
