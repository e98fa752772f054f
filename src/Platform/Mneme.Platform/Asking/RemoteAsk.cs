using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Mneme.Platform.Asking;

/// <summary>
/// Asks services in other processes, over whichever carrier: tries their addresses in turn within the deadline, leaves alone those that keep failing, and repeats what may
/// be repeated.
/// </summary>
internal sealed partial class RemoteAsk
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, bool> _unreachable = new(StringComparer.Ordinal);
    private readonly IAskCarrier _carrier;
    private readonly TimeProvider _time;
    private readonly ILogger<RemoteAsk> _logger;
    private readonly AddressBook _book;
    private readonly ResiliencePipeline<Attempt> _once;
    private readonly ResiliencePipeline<Attempt> _idempotent;

    public RemoteAsk(IAskCarrier carrier, AskOptions options, TimeProvider time, ILogger<RemoteAsk> logger)
    {
        (_carrier, _time, _logger) = (carrier, time, logger);
        _book = new AddressBook(options, time, (address, isOpen) =>
        {
            if (isOpen)
                LogLeftAlone(address, options.BreakerPause.TotalSeconds);
            else
                LogBack(address);
        });
        (_once, _idempotent) = (Repetition(options, isIdempotent: false, time), Repetition(options, isIdempotent: true, time));
    }

    /// <summary>How attempts are repeated.</summary>
    internal static ResiliencePipeline<Attempt> Repetition(AskOptions options, bool isIdempotent, TimeProvider time)
    {
        if (options.Retries == 0)
            return ResiliencePipeline<Attempt>.Empty;
        return new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = LongestPause,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result?.MayBeRepeated(isIdempotent) == true),
            })
            .Build();
    }

    /// <returns>The answer or the problem of the service; <see cref="ProblemKind.Unavailable"/> if it cannot be reached or does not answer in time.</returns>
    /// <exception cref="InvalidOperationException">It refused the asker, or it failed with a bug.</exception>
    public async Task<AskReply> AskAsync(string asker, string service, AskAttribute contract, string request, CancellationToken ct)
    {
        var limit = TimeSpan.FromSeconds(contract.DeadlineSeconds);
        var start = _time.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(limit);
        var call = new AskCall(asker, service, contract, Encoding.UTF8.GetBytes(request), Guid.CreateVersion7(_time.GetUtcNow()).ToString(), () => limit - _time.GetElapsedTime(start));
        using var span = AskMetrics.StartAsking(call);
        var attempt = await TryAsync(call, deadline.Token, ct);
        AskMetrics.Asked(call, attempt.Kind, _time.GetElapsedTime(start));
        if (attempt.Kind != AttemptKind.Answered)
            span?.SetStatus(ActivityStatusCode.Error, attempt.Kind.ToString());
        return ReplyOf(call, attempt);
    }

    private async Task<Attempt> TryAsync(AskCall call, CancellationToken deadline, CancellationToken caller)
    {
        var tried = new HashSet<Uri>();
        try
        {
            return await (call.Contract.IsIdempotent ? _idempotent : _once).ExecuteAsync(async ct => await TryOnceAsync(call, tried, ct, caller), deadline);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            // It passed in a pause between attempts or while an address was looked up.
            return new Attempt(AttemptKind.DeadlinePassed, Reason: "no answer within the deadline");
        }
    }

    private async Task<Attempt> TryOnceAsync(AskCall call, HashSet<Uri> tried, CancellationToken deadline, CancellationToken caller)
    {
        var uris = await _carrier.FindAsync(call.Service, deadline);
        TimeSpan? retryAfter = null;
        foreach (var address in _book.InOrder(call.Service, uris, tried))
        {
            try
            {
                var attempt = await address.CallAsync(uri => _carrier.SendAsync(call, uri, deadline, caller));
                tried.Add(address.Uri);
                if (attempt.Kind != AttemptKind.Answered)
                    LogAttempt(call.Service, call.Contract.Name, address.Uri, attempt.Kind, attempt.Reason);
                return attempt;
            }
            catch (BrokenCircuitException e)
            {
                retryAfter = retryAfter is null || e.RetryAfter < retryAfter ? e.RetryAfter : retryAfter;
            }
        }

        return uris.Count == 0
            ? new Attempt(AttemptKind.NoAddress, Reason: "there is no address")
            : new Attempt(AttemptKind.CircuitOpen, Reason: "every address is left alone", RetryAfter: retryAfter);
    }

    private AskReply ReplyOf(AskCall call, Attempt attempt)
    {
        switch (attempt.Kind)
        {
            case AttemptKind.Answered:
                if (!_unreachable.IsEmpty && _unreachable.TryRemove(call.Service, out _))
                    LogReachable(call.Service);
                return attempt.Reply!;
            case AttemptKind.Refused:
                throw new InvalidOperationException($"'{call.Service}' refuses {call.Contract.Name} from '{call.Asker}': its contract does not name that asker.");
            case AttemptKind.Failed:
                throw new InvalidOperationException($"'{call.Service}' failed to answer {call.Contract.Name} ({attempt.Reason}); its log has the reason under request {call.RequestId}.");
            case AttemptKind.DeadlinePassed:
                LogDeadlinePassed(call.Service, call.Contract.Name);
                return new AskReply(null, LocalAnswers.DeadlinePassed(call.Service, call.Contract));
            default:
                // Once when it begins, however often it is asked meanwhile.
                if (_unreachable.TryAdd(call.Service, true))
                    LogUnreachable(call.Service, attempt.Reason!);
                return new AskReply(null, Problem.Unavailable("service-unavailable", $"{call.Service} cannot be reached at the moment. Try again.", attempt.RetryAfter));
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Service} at {Address} did not answer {Request}: {Kind} ({Reason})")]
    private partial void LogAttempt(string service, string request, Uri address, AttemptKind kind, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} did not answer {Request} within the deadline")]
    private partial void LogDeadlinePassed(string service, string request);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} cannot be asked: {Reason}")]
    private partial void LogUnreachable(string service, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} answers again")]
    private partial void LogReachable(string service);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Calls to {Address} keep failing; it is left alone for {Seconds} s at a time")]
    private partial void LogLeftAlone(Uri address, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Calls to {Address} succeed again")]
    private partial void LogBack(Uri address);
}
