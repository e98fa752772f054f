using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Security;

namespace Mneme.Identity.Features;

/// <summary>What services in other processes need to judge access tokens by themselves.</summary>
internal static class AnswerTokenQuestions
{
    public static Task<Outcome<VerificationKeySet>> VerificationKeys(GetVerificationKeys request, KeyRing keys) =>
        Task.FromResult<Outcome<VerificationKeySet>>(new VerificationKeySet([.. keys.Published.Select(key => new VerificationKey(key.Id, key.Key.ExportSubjectPublicKeyInfo()))]));

    public static async Task<Outcome<EndedSessions>> EndedSessions(GetEndedSessions request, SessionEnds ends, CancellationToken ct) => await ends.ListAsync(request.Since, ct);
}
