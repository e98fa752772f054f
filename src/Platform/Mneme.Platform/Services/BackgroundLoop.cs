using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Services;

/// <summary>
/// A loop that works until nothing is left, then waits for its signal or the poll interval. A failure is logged once when it begins and once when
/// it ends, and slows the loop down to one attempt in five seconds meanwhile.
/// </summary>
internal abstract partial class BackgroundLoop(string name, Signal signal, TimeSpan pollInterval, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <returns>Whether there may be more to do at once.</returns>
    protected abstract Task<bool> WorkAsync(CancellationToken ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await WorkAsync(stoppingToken))
                    stoppingToken.ThrowIfCancellationRequested();
                if (failures > 0)
                    LogRecovered(name, failures);
                failures = 0;
                await signal.WaitAsync(pollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (++failures == 1)
                    LogFailed(name, e);
                var pause = TimeSpan.FromMilliseconds(100 * Math.Pow(2, Math.Min(failures, 6)));
                await Task.Delay(pause < LongestPause ? pause : LongestPause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Loop} cannot work and keeps trying")]
    private partial void LogFailed(string loop, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Loop} works again after {Failures} failures")]
    private partial void LogRecovered(string loop, int failures);
}
