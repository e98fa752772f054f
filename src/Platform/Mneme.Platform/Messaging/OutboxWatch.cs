using Microsoft.Extensions.Logging;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.Platform.Messaging;

/// <summary>What waits in an outbox.</summary>
/// <param name="Events">How many events: exact up to <see cref="OutboxWatch.Exact"/>, above that by the numbers of the first and the last one.</param>
/// <param name="Age">How long the oldest has been waiting; zero if there is none.</param>
internal readonly record struct OutboxBacklog(long Events, TimeSpan Age);

/// <summary>
/// Measures what waits in a service's outbox. Apart from the relay, which a broker that does not confirm holds up: that is when it matters. And not when metrics are
/// read: who reads them must not wait for a database.
/// </summary>
internal sealed class OutboxWatch(
    string service, NpgsqlDataSource database, Signal signal, TimeProvider time, MessagingOptions options, ILogger<OutboxWatch> logger)
    : BackgroundLoop($"The watch of {service}'s outbox", signal, options.PollInterval * 5, logger)
{
    /// <summary>Rows that are counted at most: counting a million takes longer than it is worth.</summary>
    internal const int Exact = 10_000;

    // Rows that are being relayed leave gaps, as do transactions that were rolled back, so the span alone would be too long where little waits.
    private const string Measure = "select count(*), min(occurred_at), (select max(seq) - min(seq) + 1 from outbox) from (select occurred_at from outbox order by seq limit $1) oldest";

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        MessagingMetrics.Waiting(service, await MeasureAsync(ct));
        return false;
    }

    internal async Task<OutboxBacklog> MeasureAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand(Measure);
        command.Parameters.Add(new() { Value = Exact + 1 });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var counted = reader.GetInt64(0);
        if (counted == 0)
            return default;
        var age = time.GetUtcNow() - reader.GetFieldValue<DateTimeOffset>(1);
        return new OutboxBacklog(counted <= Exact ? counted : Math.Max(counted, reader.GetInt64(2)), age > TimeSpan.Zero ? age : TimeSpan.Zero);
    }
}
