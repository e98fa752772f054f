using Mneme.Platform.Messaging;

namespace Mneme.Platform.Asking;

/// <summary>How one attempt at an ask ended.</summary>
internal enum AttemptKind
{
    /// <summary>With an answer or a problem of the answering service.</summary>
    Answered,

    /// <summary>No connection came about, so nobody can have received the request.</summary>
    NotSent,

    /// <summary>The request was on its way when the connection broke: it may have been answered.</summary>
    Lost,

    /// <summary>The process there does not answer such a request, perhaps because it is of another version.</summary>
    Unknown,

    /// <summary>The asker may not ask this.</summary>
    Refused,

    /// <summary>A bug there, or an answer that cannot be read.</summary>
    Failed,

    /// <summary>Nothing came within the deadline.</summary>
    DeadlinePassed,

    /// <summary>Every address is left alone at the moment.</summary>
    CircuitOpen,

    /// <summary>There is no address.</summary>
    NoAddress,
}

/// <param name="Kind">How it ended.</param>
/// <param name="Reply">For <see cref="AttemptKind.Answered"/>.</param>
/// <param name="Reason">For logs; null if it was answered.</param>
/// <param name="RetryAfter">For <see cref="AttemptKind.CircuitOpen"/>: when an address is tried again.</param>
internal sealed record Attempt(AttemptKind Kind, AskReply? Reply = null, string? Reason = null, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether it tells that something is wrong with the address, and not with the request.</summary>
    public bool IsOutage => Kind is AttemptKind.NotSent or AttemptKind.Lost or AttemptKind.DeadlinePassed;

    /// <summary>
    /// Whether asking again is safe and of use: what nobody can have received may always be repeated, what may have been received only if asking twice does
    /// no harm. An open circuit is not waited for: the asker is told at once.
    /// </summary>
    public bool MayBeRepeated(bool isIdempotent) => Kind switch
    {
        AttemptKind.NotSent or AttemptKind.Unknown => true,
        AttemptKind.Lost => isIdempotent,
        _ => false,
    };
}

/// <summary>One ask, whatever the number of attempts.</summary>
/// <param name="Asker">The service that asks; its certificate says so.</param>
/// <param name="Service">The service that answers.</param>
/// <param name="Contract">The request's contract.</param>
/// <param name="Body">The request as JSON.</param>
/// <param name="RequestId">The same for all attempts.</param>
/// <param name="Left">What is left of the deadline at this moment.</param>
internal sealed record AskCall(string Asker, string Service, AskAttribute Contract, byte[] Body, string RequestId, Func<TimeSpan> Left);
