using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.Platform.Asking.Brokers;

/// <summary>Takes what is asked of the services here over the broker, connects again when the connection is lost, and at the end takes no more and finishes what it has.</summary>
internal sealed partial class BrokerAnswering(IAskBroker broker, BrokerAnswers answers, ServiceRegistry registry, AskOptions options, ILogger<BrokerAnswering> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    // The third pause is the longest: with little more than a second the service is back soon after the broker.
    private const int LongestPause = 3;

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private Task _serving = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _serving = Task.WhenAll(registry.Services.Where(service => service.Answers.Count > 0).Select(service => Task.Run(() => ServeAsync(service.Name), CancellationToken.None)));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        // Each ends within its deadline, which may be later than the host waits.
        await using var patience = cancellationToken.Register(_abort.Cancel);
        await _serving.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // What was in hand when a connection was lost has nobody to reply to.
        await _abort.CancelAsync();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _abort.Dispose();
    }

    private async Task ServeAsync(string service)
    {
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await broker.ServeAsync(service, options.Concurrency, delivery => AnswerAsync(service, delivery), Taking, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (++failures == 1)
                    LogLost(service, e);
                await Task.Delay(Backoff.Delay(Math.Min(failures, LongestPause), FirstPause), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        void Taking()
        {
            failures = 0;
            LogTaking(service);
        }
    }

    private async Task<AskReplyMessage?> AnswerAsync(string service, AskDelivery delivery)
    {
        try
        {
            return await answers.AnswerAsync(service, delivery, _abort.Token);
        }
        catch (Exception e)
        {
            // Such as a certificate that cannot be read: the asker waits in vain, and the broker is told that this is done.
            LogNotAnswered(service, e);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Service} could not reply to a request over the broker")]
    private partial void LogNotAnswered(string service, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} is asked over the broker")]
    private partial void LogTaking(string service);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} cannot be asked over the broker at the moment; it keeps trying")]
    private partial void LogLost(string service, Exception exception);
}
