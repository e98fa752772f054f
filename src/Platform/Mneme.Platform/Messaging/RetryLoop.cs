using Microsoft.Extensions.Logging;
using Mneme.Platform.Services;

namespace Mneme.Platform.Messaging;

/// <summary>Tries a consumer's failed deliveries again when they are due.</summary>
internal sealed class RetryLoop(EventConsumer consumer, Signal signal, MessagingOptions options, ILogger<RetryLoop> logger)
    : BackgroundLoop($"The retries of {consumer.Name}", signal, options.PollInterval, logger)
{
    protected override Task<bool> WorkAsync(CancellationToken ct) => consumer.RetryNextAsync(ct);
}
