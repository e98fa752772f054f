using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.Platform.Jobs;

/// <summary>
/// Takes due jobs of one service with a lease that it renews, runs them side by side, and commits a job's result together with its completion. A worker
/// that dies loses its lease and the job is run again; one that merely lost its lease cannot commit.
/// </summary>
internal sealed partial class JobWorker(
    ServiceDescription service, IReadOnlyList<JobDefinition> definitions, IServiceScopeFactory scopes, NpgsqlDataSource database, ServiceSignals signals,
    MessagingOptions options, TimeProvider time, ILogger<JobWorker> logger)
    : BackgroundLoop($"The jobs of {service.Name}", signals.Jobs, options.PollInterval, logger)
{
    /// <summary>Jobs of one service that run at the same time in this process.</summary>
    public const int Concurrency = 4;

    /// <summary>Attempts beyond the policy's, for jobs whose last attempt ended with its worker or with the database, and so could not tell the person who waits.</summary>
    private const int GraceAttempts = 3;

    private readonly Dictionary<string, JobDefinition> _definitions = definitions.ToDictionary(d => d.Kind, StringComparer.Ordinal);
    private readonly List<Task> _running = [];
    private bool _recurringInserted;

    /// <summary>Runs everything that is due, and what becomes due meanwhile; for the child process that does heavy jobs.</summary>
    public async Task RunUntilNothingIsDueAsync(CancellationToken ct)
    {
        while (await WorkAsync(ct) || _running.Count > 0)
            await Task.WhenAny(_running);
    }

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        if (!_recurringInserted)
        {
            await InsertRecurringAsync(database, _definitions.Values, time.GetUtcNow(), ct);
            _recurringInserted = true;
        }

        _running.RemoveAll(task => task.IsCompleted);
        var free = Concurrency - _running.Count;
        if (free == 0)
        {
            await Task.WhenAny(_running);
            return true;
        }

        var jobs = await ClaimAsync(free, ct);
        _running.AddRange(jobs.Select(job => RunAsync(job, ct)));
        return jobs.Count == free;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await base.ExecuteAsync(stoppingToken);
        await Task.WhenAll(_running);
    }

    /// <summary>Makes recurring jobs due that never ran.</summary>
    public static async Task InsertRecurringAsync(NpgsqlDataSource database, IEnumerable<JobDefinition> definitions, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var definition in definitions.Where(d => d.Interval is not null))
        {
            await using var insert = database.CreateCommand(
                "insert into jobs (id, kind, key, payload, due_at, enqueued_at) values ($1, $2, 'recurring', 'null', $3, $3) on conflict do nothing");
            insert.Parameters.Add(new() { Value = Guid.CreateVersion7(now) });
            insert.Parameters.Add(new() { Value = definition.Kind });
            insert.Parameters.Add(new() { Value = now });
            await insert.ExecuteNonQueryAsync(ct);
        }
    }

    private async Task<List<ClaimedJob>> ClaimAsync(int limit, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        // The shortest lease of all kinds is given first; the heartbeat then extends it by the kind's own.
        var lease = _definitions.Values.Min(d => d.Policy.Lease);
        await using var command = database.CreateCommand("""
            update jobs set leased_until = $2, attempts = attempts + 1
            where id in (
                select id from jobs
                where failed_at is null and due_at <= $1 and (leased_until is null or leased_until < $1) and kind = any($3)
                order by due_at limit $4 for update skip locked)
            returning id, kind, payload, attempts, trace_parent
            """);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = now + lease });
        command.Parameters.Add(new() { Value = _definitions.Keys.ToArray() });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var jobs = new List<ClaimedJob>();
        while (await reader.ReadAsync(ct))
        {
            jobs.Add(new ClaimedJob(
                reader.GetGuid(0), _definitions[reader.GetString(1)], reader.GetString(2), reader.GetInt32(3), now, reader.IsDBNull(4) ? null : reader.GetString(4)));
        }

        return jobs;
    }

    private async Task RunAsync(ClaimedJob job, CancellationToken stopping)
    {
        var policy = job.Definition.Policy;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(policy.Timeout);
        using var activity = JobMetrics.Start(service.Name, job.Definition.Kind, job.TraceParent);
        var heartbeat = KeepLeaseAsync(job, timeout);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var services = scope.ServiceProvider;
            services.GetRequiredService<CurrentService>().Name = service.Name;
            services.GetRequiredService<CurrentJob>().Context = new JobContext(job.Id, job.Attempt, job.Attempt >= policy.MaxAttempts);
            var db = (ServiceDb)services.GetRequiredService(service.Database!);
            await job.Definition.RunAsync(job.Payload, services, timeout.Token);
            await CompleteAsync(db, job, timeout.Token);
            JobMetrics.Done(job.Definition.Kind);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await ReleaseAsync(job);
        }
        catch (Exception e)
        {
            // The heartbeat ends first: renewing the lease after the failure is recorded would put the next attempt off.
            await timeout.CancelAsync();
            await heartbeat;
            await FailAsync(job, e);
        }
        finally
        {
            await timeout.CancelAsync();
            await heartbeat;
            signals.Committed();
        }
    }

    private async Task CompleteAsync(ServiceDb db, ClaimedJob job, CancellationToken ct)
    {
        await using var transaction = db.Database.CurrentTransaction ?? await db.Database.BeginTransactionAsync(ct);
        await db.SaveChangesAsync(ct);
        int rows;
        if (job.Definition.Interval is { } interval)
        {
            // Counted from the start: what the run saw is as old as that. The next run has an id of its own, so that nothing late of this one matches it.
            var next = job.ClaimedAt + interval;
            var nextId = Guid.CreateVersion7(time.GetUtcNow());
            rows = await db.Database.ExecuteSqlAsync(
                $"update jobs set id = {nextId}, due_at = {next}, attempts = 0, leased_until = null, last_error = null where id = {job.Id} and attempts = {job.Attempt}", ct);
        }
        else
        {
            rows = await db.Database.ExecuteSqlAsync($"delete from jobs where id = {job.Id} and attempts = {job.Attempt}", ct);
        }

        if (rows == 0)
            throw new InvalidOperationException("The job's lease was lost to another worker; this result is discarded.");
        // From here on the heartbeat finds no job and would cancel what is done.
        await transaction.CommitAsync(CancellationToken.None);
    }

    private async Task KeepLeaseAsync(ClaimedJob job, CancellationTokenSource work)
    {
        var lease = job.Definition.Policy.Lease;
        using var timer = new PeriodicTimer(lease / 3);
        try
        {
            do
            {
                await using var renew = database.CreateCommand("update jobs set leased_until = $3 where id = $1 and attempts = $2");
                renew.Parameters.Add(new() { Value = job.Id });
                renew.Parameters.Add(new() { Value = job.Attempt });
                renew.Parameters.Add(new() { Value = time.GetUtcNow() + lease });
                if (await renew.ExecuteNonQueryAsync(work.Token) == 0)
                {
                    await work.CancelAsync();
                    return;
                }
            }
            while (await timer.WaitForNextTickAsync(work.Token));
        }
        catch (OperationCanceledException)
        {
            // The job ended.
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            // The lease runs out by itself; committing the result fails if another worker took the job.
            LogLeaseNotRenewed(job.Definition.Kind, job.Id);
        }
    }

    private async Task ReleaseAsync(ClaimedJob job)
    {
        try
        {
            await using var release = database.CreateCommand("update jobs set leased_until = null, attempts = attempts - 1 where id = $1 and attempts = $2");
            release.Parameters.Add(new() { Value = job.Id });
            release.Parameters.Add(new() { Value = job.Attempt });
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            LogLeaseNotRenewed(job.Definition.Kind, job.Id);
        }
    }

    private async Task FailAsync(ClaimedJob job, Exception failure)
    {
        var (id, definition) = (job.Id, job.Definition);
        // A recurring job simply waits for its next run; any other is given up after its last attempt.
        var isFinal = definition.Interval is null && job.Attempt >= definition.Policy.MaxAttempts + (failure is OperationCanceledException || DatabaseFailure.IsUnavailable(failure) ? GraceAttempts : 0);
        var now = time.GetUtcNow();
        var next = now + (definition.Interval is { } interval && job.Attempt >= definition.Policy.MaxAttempts ? interval : Backoff.Delay(job.Attempt, definition.Policy.RetryDelay));
        LogJobFailed(definition.Kind, id, job.Attempt, isFinal, failure);
        JobMetrics.Failed(definition.Kind);
        try
        {
            await using var update = database.CreateCommand(
                "update jobs set leased_until = null, due_at = $3, last_error = $4, failed_at = $5 where id = $1 and attempts = $2");
            update.Parameters.Add(new() { Value = id });
            update.Parameters.Add(new() { Value = job.Attempt });
            update.Parameters.Add(new() { Value = next });
            update.Parameters.Add(new() { Value = $"{failure.GetType().Name}: {failure.Message}".Replace("\0", "", StringComparison.Ordinal) });
            update.Parameters.Add(new() { Value = isFinal ? now : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
            await update.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            // The lease runs out, and another attempt follows.
            LogLeaseNotRenewed(definition.Kind, id);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Kind} {JobId} failed (attempt {Attempt}, final: {IsFinal})")]
    private partial void LogJobFailed(string kind, Guid jobId, int attempt, bool isFinal, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Kind} {JobId}: the database is away, so its lease runs out")]
    private partial void LogLeaseNotRenewed(string kind, Guid jobId);

    private sealed record ClaimedJob(Guid Id, JobDefinition Definition, string Payload, int Attempt, DateTimeOffset ClaimedAt, string? TraceParent);
}

/// <summary>Scoped: the job that the current scope works on.</summary>
internal sealed class CurrentJob
{
    public JobContext? Context { get; set; }
}
