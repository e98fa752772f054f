using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mneme.Identity.Infrastructure;

/// <summary>
/// Keeps what every instance holds in memory equal to the database: the signing keys and the sessions that ended elsewhere. Both are read before the
/// first request is served.
/// </summary>
internal sealed partial class IdentityUpkeep(KeyRing keys, SessionEnds sessions, ILogger<IdentityUpkeep> logger) : BackgroundService
{
    private const int KeysEvery = 30;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await keys.RefreshAsync(cancellationToken);
        await sessions.ReadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SessionEnds.PollInterval);
        var isFailing = false;
        for (var round = 1; ; round++)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(stoppingToken))
                    return;
                await sessions.ReadAsync(stoppingToken);
                if (round % KeysEvery == 0)
                    await keys.RefreshAsync(stoppingToken);
                isFailing = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Once for each time that the database goes away.
                if (!isFailing)
                    LogFailed(e);
                isFailing = true;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not read signing keys and ended sessions, and keeps trying")]
    private partial void LogFailed(Exception exception);
}
