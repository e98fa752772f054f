using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Asking;

/// <summary>
/// Finds services in Consul. Each service that is asked is watched from then on, by queries that return when something has changed. While Consul is away, what it said
/// last holds.
/// </summary>
internal sealed partial class ConsulDiscovery(ConsulClient consul, AskOptions options, ILogger<ConsulDiscovery> logger) : IServiceDiscovery, IDisposable
{
    // Limits what an index that changes all the time costs.
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, Lazy<Watch>> _watches = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();

    public async ValueTask<IReadOnlyList<Uri>> FindAsync(string service, CancellationToken ct)
    {
        var watch = _watches.GetOrAdd(service, name => new Lazy<Watch>(() => Begin(name))).Value;
        if (!watch.First.Task.IsCompleted)
            await watch.First.Task.WaitAsync(ct);
        return watch.Addresses;
    }

    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    private Watch Begin(string service)
    {
        var watch = new Watch();
        _ = Task.Run(() => FollowAsync(service, watch, _ended.Token));
        return watch;
    }

    private async Task FollowAsync(string service, Watch watch, CancellationToken ct)
    {
        var (index, failures) = (0ul, 0);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var (addresses, newest) = await consul.HealthyAsync(options.Consul.Prefix + service, index, options.Consul.Wait, ct);
                // An index that goes back means that Consul's state is another one: begin anew.
                index = newest < index ? 0 : newest;
                if (failures > 0)
                    LogBack(service, failures);
                failures = 0;
                if (!addresses.SequenceEqual(watch.Addresses))
                    LogChanged(service, string.Join(", ", addresses));
                watch.Addresses = addresses;
                watch.First.TrySetResult();
                await Task.Delay(LeastPause, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or IOException)
            {
                if (ct.IsCancellationRequested)
                    return;
                index = 0;
                if (++failures == 1)
                    LogFailed(service, e.Message);
                // Whoever waits for the first answer is told that nothing is known.
                watch.First.TrySetResult();
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

    private sealed class Watch
    {
        public volatile IReadOnlyList<Uri> Addresses = [];

        public TaskCompletionSource First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
