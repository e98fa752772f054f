using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

/// <summary>What services in other processes need to judge access tokens by themselves.</summary>
internal static class AnswerTokenQuestions
{
    public static async Task<Outcome<VerificationKeySet>> VerificationKeys(GetVerificationKeys request, KeyRing keys, CancellationToken ct)
    {
        // Askers do so once in five seconds, whatever key ids come to them.
        if (request.Wanted is { } wanted && keys.Published.All(key => key.Id != wanted))
            await keys.RefreshAsync(ct);
        return new VerificationKeySet([.. keys.Published.Select(key => new VerificationKey(key.Id, key.Key.ExportSubjectPublicKeyInfo()))]);
    }

    public static async Task<Outcome<EndedSessions>> EndedSessions(GetEndedSessions request, SessionEnds ends, CancellationToken ct) => await ends.ListAsync(request.Since, ct);
}
