namespace Mneme.Platform.Asking;

/// <summary>How one attempt at an ask gets to another process and back. What is repeated, when and how often is <see cref="RemoteAsk"/>'s.</summary>
internal interface IAskCarrier
{
    /// <summary>Where the service may be reached. Each place has a circuit breaker of its own.</summary>
    ValueTask<IReadOnlyList<Uri>> FindAsync(string service, CancellationToken ct);

    /// <summary>Sends a request once. Expected failures are results; only the caller's own cancellation is an exception.</summary>
    /// <param name="call">What is asked.</param>
    /// <param name="address">One of what <see cref="FindAsync"/> returned.</param>
    /// <param name="deadline">Cancelled by the deadline and by the caller.</param>
    /// <param name="caller">Cancelled by the caller.</param>
    Task<Attempt> SendAsync(AskCall call, Uri address, CancellationToken deadline, CancellationToken caller);
}
