using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Security;

/// <summary>Asked by processes without Identity: the keys that access tokens are verified with now, including those to come.</summary>
/// <param name="Wanted">A key id that came in a token and is not known to the asker: perhaps another instance has just made it.</param>
[Ask("identity.verification-keys", AnsweredBy = "identity", AskedBy = [AskAttribute.EveryService], DeadlineSeconds = 5, IsIdempotent = true)]
public sealed record GetVerificationKeys([property: StringLength(100)] string? Wanted) : IAsk<VerificationKeySet>;

public sealed record VerificationKeySet(IReadOnlyList<VerificationKey> Keys);

/// <param name="Id"><c>kid</c> in tokens.</param>
/// <param name="PublicKey">A P-256 key as SubjectPublicKeyInfo (DER).</param>
public sealed record VerificationKey(string Id, byte[] PublicKey);

/// <summary>Asked by processes without Identity every few seconds: sessions that ended before their access tokens did.</summary>
/// <param name="Since">What the last answer said it was read to; null for all that can still have live tokens.</param>
[Ask("identity.ended-sessions", AnsweredBy = "identity", AskedBy = [AskAttribute.EveryService], DeadlineSeconds = 5, IsIdempotent = true)]
public sealed record GetEndedSessions(DateTimeOffset? Since) : IAsk<EndedSessions>;

/// <param name="Sessions">In no order; some may have been told before.</param>
/// <param name="ReadTo">For the next request.</param>
public sealed record EndedSessions(IReadOnlyList<EndedSession> Sessions, DateTimeOffset ReadTo);

/// <param name="SessionId">The session (<c>sid</c>).</param>
/// <param name="Until">When its last access token has expired.</param>
public sealed record EndedSession(Guid SessionId, DateTimeOffset Until);

/// <summary>Nothing can be said about tokens, because Identity has not been reached yet since the start.</summary>
internal sealed class IdentityUnreachableException() : Exception("Identity has not been reached yet, so access tokens cannot be verified.");
