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
    private readonly Dictionary<string, EventSubscription> _subscriptions = service.Subscriptions.ToDictionary(s => s.Type.Name, StringComparer.Ordinal);

    /// <summary>Name under which deliveries are recorded: the service's.</summary>
    public string Name => service.Name;

    public bool Wants(string eventType) => _subscriptions.ContainsKey(eventType);

    /// <summary>Handles a batch. When it returns, each event's effects, or its failed delivery, are committed.</summary>
    /// <exception cref="Exception">The database is unavailable or the call was cancelled; nothing is committed, and the batch is to be delivered again.</exception>
    public async Task ConsumeAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        var handled = await HandleTogetherAsync(envelopes, ct) ?? await HandleOneByOneAsync(envelopes, ct);
        signals.Committed();
        MessagingMetrics.Handled(Name, handled, time.GetUtcNow());
    }

    /// <summary>Tries the failed delivery that has been due for longest, in a transaction of its own: what it locks, and how long it takes, concerns no other.</summary>
    /// <returns>Whether there was one.</returns>
    internal async Task<bool> RetryNextAsync(CancellationToken ct)
    {
        await using var scope = NewScope(out var db);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await FailedDeliveries.ClaimNextDueAsync(Connection(db), Name, time.GetUtcNow(), ct) is not { Envelope: var envelope } delivery)
            return false;
        if (IsErasure(envelope))
            await Inbox.LockForErasureAsync(Connection(db), Name, ct);
        if (await TryOneAsync(db, transaction, envelope, scope.ServiceProvider, ct) is { } failure)
            await StoreFailureAsync(db, envelope, delivery.Attempts + 1, failure, ct);
        else
            await FailedDeliveries.RemoveAsync(Connection(db), envelope.Id, Name, ct);
        await transaction.CommitAsync(ct);
        signals.Committed();
        return true;
    }

    /// <summary>Makes an event a dead letter without trying it, because nobody who was given it came back; an operator can redrive it.</summary>
    /// <returns>False if it was handled all the same: only the acknowledgement was lost.</returns>
    /// <exception cref="Exception">The database is unavailable or the call was cancelled; nothing is committed.</exception>
    internal async Task<bool> BuryAsync(EventEnvelope envelope, int deliveries, CancellationToken ct)
    {
        await using var scope = NewScope(out var db);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await Inbox.ContainsAsync(Connection(db), Name, envelope.Id, ct))
            return false;
        var now = time.GetUtcNow();
        var reason = $"It was delivered {deliveries} times and never acknowledged: whoever handled it may have been taken down by it. It was not tried again.";
        await FailedDeliveries.StoreAsync(Connection(db), envelope, Name, deliveries, reason, now, now, isDead: true, ct);
        await transaction.CommitAsync(ct);
        MessagingMetrics.Dead(Name);
        LogBuried(Name, envelope.Type, envelope.Id, deliveries);
        return true;
    }

    /// <returns>The events that were handled; null if the batch has to be handled one by one, because a handler failed or somebody is to be erased.</returns>
    private async Task<IReadOnlyList<EventEnvelope>?> HandleTogetherAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        if (envelopes.Any(IsErasure))
            return null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(options.HandlingTimeout);
        await using var scope = NewScope(out var db);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var claimed = await Inbox.ClaimAsync(Connection(db), Name, envelopes, ct);
        List<EventEnvelope> handled = [.. envelopes.Where(e => claimed.Remove(e.Id))];
        try
        {
            foreach (var group in handled.GroupBy(e => e.Type))
                await _subscriptions[group.Key].Handle([.. group], scope.ServiceProvider, deadline.Token);
            await db.SaveChangesAsync(deadline.Token);
            await transaction.CommitAsync(deadline.Token);
            return handled;
        }
        catch (Exception e) when (!ct.IsCancellationRequested && !DatabaseFailure.IsUnavailable(e))
        {
            if (envelopes.Count > 1)
                LogReplaying(Name, envelopes.Count, e.GetType().Name);
            return null;
        }
    }

    private async Task<IReadOnlyList<EventEnvelope>> HandleOneByOneAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
    {
        await using var scope = NewScope(out var db);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (envelopes.Any(IsErasure))
            await Inbox.LockForErasureAsync(Connection(db), Name, ct);
        var handled = new List<EventEnvelope>(envelopes.Count);
        foreach (var envelope in envelopes)
        {
            if (await TryOneAsync(db, transaction, envelope, scope.ServiceProvider, ct) is { } failure)
                await StoreFailureAsync(db, envelope, attempts: 1, failure, ct);
            else
                handled.Add(envelope);
        }

        await transaction.CommitAsync(ct);
        return handled;
    }

    /// <returns>Null if the event is handled (now or earlier), else what went wrong; the transaction then stands as before.</returns>
    private async Task<Exception?> TryOneAsync(ServiceDb db, IDbContextTransaction transaction, EventEnvelope envelope, IServiceProvider services, CancellationToken ct)
    {
        const string Savepoint = "event";
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(options.HandlingTimeout);
        await transaction.CreateSavepointAsync(Savepoint, ct);
        // Not in the try: that a claim fails says nothing about the event.
        var isClaimed = (await Inbox.ClaimAsync(Connection(db), Name, [envelope], ct)).Count > 0;
        try
        {
            if (isClaimed)
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

    private bool IsErasure(EventEnvelope envelope) => _subscriptions.TryGetValue(envelope.Type, out var subscription) && subscription.IsErasure;

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

    [LoggerMessage(Level = LogLevel.Error, Message = "{Consumer} was given {Type} {EventId} {Deliveries} times and never acknowledged it; it is a dead letter now")]
    private partial void LogBuried(string consumer, string type, Guid eventId, int deliveries);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Consumer} could not handle {Type} {EventId} after {Attempts} attempts; it is a dead letter now")]
    private partial void LogDead(string consumer, string type, Guid eventId, int attempts, Exception exception);
}
