using System.Text.Json;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Jobs;

/// <summary>How a kind of job is run.</summary>
public sealed record JobPolicy
{
    public static JobPolicy Default { get; } = new();

    /// <summary>After so many failed attempts the job is kept as failed.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Delay before the second attempt; it grows fivefold, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time limit of one attempt.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A worker that has not said that it lives for so long has lost the job to another.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Burns CPU: runs in a child process of low priority, one at a time.</summary>
    public bool IsHeavy { get; init; }
}

/// <summary>What a handler may want to know of the job it works on.</summary>
/// <param name="Id">Stable over all attempts: the idempotency key for calls that cost money.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="IsLastAttempt">Whether a failure now is final.</param>
public sealed record JobContext(Guid Id, int Attempt, bool IsLastAttempt);

/// <summary>A kind of job and its handler.</summary>
public sealed class JobDefinition
{
    private readonly Func<string, IServiceProvider, CancellationToken, Task> _run;

    private JobDefinition(string kind, JobPolicy policy, TimeSpan? interval, Func<string, IServiceProvider, CancellationToken, Task> run)
    {
        Kind = kind;
        Policy = policy;
        Interval = interval;
        _run = run;
    }

    public string Kind { get; }

    public JobPolicy Policy { get; }

    /// <summary>For recurring jobs, the time from one run to the next.</summary>
    public TimeSpan? Interval { get; }

    internal Task RunAsync(string payload, IServiceProvider services, CancellationToken ct) => _run(payload, services, ct);

    internal static JobDefinition Create<TPayload>(string kind, Delegate handler, JobPolicy policy)
        where TPayload : class
    {
        var invocation = HandlerDelegate.Compile(handler, typeof(TPayload));
        return new JobDefinition(kind, policy, interval: null, (payload, services, ct) =>
            invocation(JsonSerializer.Deserialize<TPayload>(payload, Json.Options) ?? throw new JsonException($"The payload of a job {kind} is null."), services, ct));
    }

    internal static JobDefinition Recurring(string kind, TimeSpan interval, Delegate handler, JobPolicy policy)
    {
        var invocation = HandlerDelegate.Compile(handler, inputType: null);
        return new JobDefinition(kind, policy, interval, (_, services, ct) => invocation(null!, services, ct));
    }
}
