using System.Text.Json;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Asking;

/// <summary>Follows one name in Consul by queries that return when something has changed. While Consul is away, what it said last holds.</summary>
/// <param name="consul">The agent.</param>
/// <param name="name">The service's name in Consul.</param>
/// <param name="scheme">What the service speaks: http or https.</param>
/// <param name="wait">How long a query waits for a change.</param>
/// <param name="logger">Is told of changes and failures.</param>
internal sealed partial class ConsulWatch(ConsulClient consul, string name, string scheme, TimeSpan wait, ILogger<ConsulWatch> logger)
{
    // Limits what an index that changes all the time costs.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isKnown;

    /// <summary>Completes when Consul has answered, or could not be asked: then nothing is known yet.</summary>
    public Task FirstAnswer => _firstAnswer.Task;

    /// <summary>Whether Consul has ever answered.</summary>
    public bool IsKnown => _isKnown;

    /// <param name="changed">Is told the instances whenever they are others than before; at first there are none.</param>
    /// <param name="ct">Ends the watch.</param>
    public async Task RunAsync(Action<IReadOnlyList<ConsulInstance>> changed, CancellationToken ct)
    {
        IReadOnlyList<ConsulInstance> known = [];
        var (index, failures) = (0ul, 0);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var (instances, newest) = await consul.HealthyAsync(name, scheme, index, wait, ct);
                // An index that goes back means that Consul's state is another one: begin anew.
                index = newest < index ? 0 : newest;
                if (failures > 0)
                    LogBack(name, failures);
                failures = 0;
                if (!instances.SequenceEqual(known))
                {
                    LogChanged(name, string.Join(", ", instances.Select(instance => instance.Address)));
                    changed(known = instances);
                }

                _isKnown = true;
                _firstAnswer.TrySetResult();
                await Task.Delay(LeastPause, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or IOException)
            {
                if (ct.IsCancellationRequested)
                    return;
                index = 0;
                if (++failures == 1)
                    LogFailed(name, e.Message);
                _firstAnswer.TrySetResult();
                await Task.Delay(Backoff.Delay(Math.Min(failures, 3), FirstPause), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} answers at: {Addresses}")]
    private partial void LogChanged(string service, string addresses);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Consul cannot be asked for {Service}, so what was known of it holds: {Reason}")]
    private partial void LogFailed(string service, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Consul answers for {Service} again after {Failures} failures")]
    private partial void LogBack(string service, int failures);
}
