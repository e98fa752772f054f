using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Mneme.Ai.Models;

/// <summary>How calls to a provider are repeated, and when it is left alone: repetition outside, circuit breaker inside, so that every attempt counts.</summary>
internal static class CallPolicy
{
    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public static ResiliencePipeline<ModelReply> Pipeline(AiOptions options, TimeProvider time)
    {
        var builder = new ResiliencePipelineBuilder<ModelReply> { TimeProvider = time };
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<ModelReply>
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = LongestPause,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Result?.Failure is { IsTransient: true } failure && (failure.RetryAfter ?? TimeSpan.Zero) <= options.LongestRetryAfter),
                // Null leaves the pause to the backoff.
                DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.Failure?.RetryAfter),
            });
        }

        return builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<ModelReply>
        {
            FailureRatio = 0.5,
            MinimumThroughput = options.BreakerThroughput,
            SamplingDuration = Sampling,
            BreakDuration = options.BreakerPause,
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result?.Failure is { IsOutage: true }),
        }).Build();
    }
}
