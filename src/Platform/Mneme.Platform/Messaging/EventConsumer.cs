using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.Platform.Messaging;

/// <summary>
/// A service's way of taking events: each is recorded in the inbox and handled in one transaction, so that it has its effects once however often
/// it is delivered. A batch is handled together; if a handler throws, it is replayed with a savepoint for each event, and what fails is
/// stored for retry, so that one poison message never holds up the others.
/// </summary>
public sealed partial class EventConsumer(
    ServiceDescription service, IServiceScopeFactory scopes, ServiceSignals signals, MessagingOptions options, TimeProvider time, ILogger<EventConsumer> logger)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, EventSubscription> _subscriptions = service.Subscriptions.ToDictionary(s => s.Type.Name, StringComparer.Ordinal);

    /// <summary>Name under which deliveries are recorded: the service's.</summary>
    public string Name => service.Name;

    public bool Wants(string eventType) => _subscriptions.ContainsKey(eventType);

    /// <summary>Handles a batch. When it returns, each event's effects, or its failed delivery, are committed.</summary>
    /// <exception cref="Exception">The database is unavailable or the call was cancelled; nothing is committed, and the batch is to be delivered again.</exception>
    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Deadline);
        try
        {
            await HandleTogetherAsync(envelopes, deadline.Token);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && !DatabaseFailure.IsUnavailable(e))
        {
            if (envelopes.Count > 1)
                LogReplaying(Name, envelopes.Count, e.GetType().Name);
            await HandleOneByOneAsync(envelopes, ct);
        }

        signals.Committed();
        MessagingMetrics.Handled(Name, envelopes, time.GetUtcNow());
    }

    /// <summary>Tries failed deliveries whose time has come.</summary>
    /// <returns>How many were tried.</returns>
    internal async Task<int> RetryDueAsync(CancellationToken ct)
    {
        await using var scope = NewScope(out var db);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var due = await FailedDeliveries.ClaimDueAsync(Connection(db), Name, time.GetUtcNow(), limit: 20, ct);
        foreach (var delivery in due)
        {
            var failure = await TryOneAsync(db, transaction, delivery.Envelope, scope.ServiceProvider, ct);
            if (failure is null)
                await FailedDeliveries.RemoveAsync(Connection(db), delivery.Envelope.Id, Name, ct);
            else
                await StoreFailureAsync(db, delivery.Envelope, delivery.Attempts + 1, failure, ct);
        }

        await transaction.CommitAsync(ct);
        if (due.Count > 0)
            signals.Committed();
        return due.Count;
    }

    private async Task HandleTogetherAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        await using var scope = NewScope(out var db);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var claimed = await Inbox.ClaimAsync(Connection(db), Name, envelopes, ct);
        foreach (var group in envelopes.Where(e => claimed.Remove(e.Id)).GroupBy(e => e.Type))
            await _subscriptions[group.Key].Handle([.. group], scope.ServiceProvider, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private async Task HandleOneByOneAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        await using var scope = NewScope(out var db);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        foreach (var envelope in envelopes)
        {
            if (await TryOneAsync(db, transaction, envelope, scope.ServiceProvider, ct) is { } failure)
                await StoreFailureAsync(db, envelope, attempts: 1, failure, ct);
        }

        await transaction.CommitAsync(ct);
    }

    /// <returns>Null if the event is handled (now or earlier), else what went wrong; the transaction then stands as before.</returns>
    private async Task<Exception?> TryOneAsync(ServiceDb db, IDbContextTransaction transaction, EventEnvelope envelope, IServiceProvider services, CancellationToken ct)
    {
        const string Savepoint = "event";
        await transaction.CreateSavepointAsync(Savepoint, ct);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Deadline);
        try
        {
            if ((await Inbox.ClaimAsync(Connection(db), Name, [envelope], deadline.Token)).Count > 0)
            {
                await _subscriptions[envelope.Type].Handle([envelope], services, deadline.Token);
                await db.SaveChangesAsync(deadline.Token);
            }

            await transaction.ReleaseSavepointAsync(Savepoint, ct);
            return null;
        }
        catch (Exception e) when (!ct.IsCancellationRequested && !DatabaseFailure.IsUnavailable(e))
        {
            await transaction.RollbackToSavepointAsync(Savepoint, ct);
            return e;
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }

    private async Task StoreFailureAsync(ServiceDb db, EventEnvelope envelope, int attempts, Exception failure, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var isDead = attempts >= options.MaxAttempts;
        var reason = $"{failure.GetType().Name}: {failure.Message}";
        await FailedDeliveries.StoreAsync(Connection(db), envelope, Name, attempts, reason, now, now + Backoff.Delay(attempts, options.RetryDelay), isDead, ct);
        MessagingMetrics.Failed(Name);
        if (isDead)
        {
            MessagingMetrics.Dead(Name);
            LogDead(Name, envelope.Type, envelope.Id, attempts, failure);
        }
        else
        {
            LogFailed(Name, envelope.Type, envelope.Id, attempts, failure.GetType().Name);
        }
    }

    private AsyncServiceScope NewScope(out ServiceDb db)
    {
        var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = service.Name;
        db = (ServiceDb)scope.ServiceProvider.GetRequiredService(service.Database!);
        return scope;
    }

    private static NpgsqlConnection Connection(ServiceDb db) => (NpgsqlConnection)db.Database.GetDbConnection();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Consumer}: a batch of {Count} events failed with {Error} and is replayed one by one")]
    private partial void LogReplaying(string consumer, int count, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Consumer} could not handle {Type} {EventId} (attempt {Attempt}, {Error}); it will be tried again")]
    private partial void LogFailed(string consumer, string type, Guid eventId, int attempt, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Consumer} could not handle {Type} {EventId} after {Attempts} attempts; it is a dead letter now")]
    private partial void LogDead(string consumer, string type, Guid eventId, int attempts, Exception exception);
}
