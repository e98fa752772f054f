using System.Collections.Concurrent;
using Polly;
using Polly.CircuitBreaker;

namespace Mneme.Platform.Asking;

/// <summary>One address of a service: how many calls are under way to it, when one failed last, and its circuit breaker.</summary>
internal sealed class ServiceAddress
{
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(10);

    private readonly ResiliencePipeline<Attempt> _breaker;
    private readonly TimeProvider _time;
    private readonly TimeSpan _pause;
    private int _pending;
    private long _failedAt;

    public ServiceAddress(Uri uri, AskOptions options, TimeProvider time, Action<Uri, bool> circuitChanged)
    {
        (Uri, _time, _pause) = (uri, time, options.BreakerPause);
        _breaker = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempt>
            {
                FailureRatio = 0.5,
                MinimumThroughput = options.BreakerThroughput,
                SamplingDuration = Sampling,
                BreakDuration = options.BreakerPause,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is { IsOutage: true }),
                OnOpened = _ => Changed(isOpen: true),
                OnClosed = _ => Changed(isOpen: false),
            })
            .Build();

        ValueTask Changed(bool isOpen)
        {
            circuitChanged(uri, isOpen);
            return ValueTask.CompletedTask;
        }
    }

    public Uri Uri { get; }

    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Whether a call failed a moment ago, so that others go first.</summary>
    public bool IsSuspect => Volatile.Read(ref _failedAt) is var at and not 0 && _time.GetElapsedTime(at) < _pause;

    /// <exception cref="BrokenCircuitException">It is left alone at the moment.</exception>
    public async Task<Attempt> CallAsync(Func<Uri, Task<Attempt>> send)
    {
        Interlocked.Increment(ref _pending);
        try
        {
            var attempt = await _breaker.ExecuteAsync(static async (state, _) => await state.send(state.Uri), (send, Uri));
            Volatile.Write(ref _failedAt, attempt.IsOutage ? Math.Max(1, _time.GetTimestamp()) : 0);
            return attempt;
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }
}

/// <summary>The addresses that are in use, each once for all services that ask there.</summary>
internal sealed class AddressBook(AskOptions options, TimeProvider time, Action<Uri, bool> circuitChanged)
{
    private readonly ConcurrentDictionary<(string Service, Uri Uri), ServiceAddress> _addresses = new();
    private int _turn;

    /// <summary>
    /// The addresses in the order in which to try them: those that did not just fail, among them the least busy, among those in turn. What was tried already
    /// comes last.
    /// </summary>
    public IReadOnlyList<ServiceAddress> InOrder(string service, IReadOnlyList<Uri> uris, IReadOnlyCollection<Uri> tried)
    {
        var turn = (int)((uint)Interlocked.Increment(ref _turn) % (uint)Math.Max(1, uris.Count));
        return
        [
            .. uris.Select((uri, index) => (Address: AddressOf(service, uri), Index: index))
                .OrderBy(a => tried.Contains(a.Address.Uri))
                .ThenBy(a => a.Address.IsSuspect)
                .ThenBy(a => a.Address.Pending)
                .ThenBy(a => (a.Index + turn) % uris.Count)
                .Select(a => a.Address),
        ];
    }

    // Addresses come and go with discovery; what is kept of one that went is a few hundred bytes.
    private ServiceAddress AddressOf(string service, Uri uri) =>
        _addresses.GetOrAdd((service, uri), static (key, book) => new ServiceAddress(key.Uri, book.options, book.time, book.changed), (options, time, changed: circuitChanged));
}
