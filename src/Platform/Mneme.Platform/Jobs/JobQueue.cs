using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Persistence;

namespace Mneme.Platform.Jobs;

public static class JobQueue
{
    /// <summary>
    /// Adds a job in the current transaction, unless one of this kind and key waits, runs or is done: fifty deliveries make one job.
    /// </summary>
    /// <param name="db">The service's database.</param>
    /// <param name="kind">Kind of job, as declared by <c>service.Job(…)</c>.</param>
    /// <param name="key">Business key that makes the job unique within its kind.</param>
    /// <param name="payload">Serialised as JSON; ids rather than contents.</param>
    /// <param name="now">The present, from <see cref="TimeProvider"/>.</param>
    /// <param name="dueAt">Not before; null for at once.</param>
    /// <param name="ct">Cancels the statement.</param>
    /// <returns>Whether a job was added.</returns>
    public static async Task<bool> EnqueueAsync<TPayload>(
        this ServiceDb db, string kind, string key, TPayload payload, DateTimeOffset now, DateTimeOffset? dueAt = null, CancellationToken ct = default)
        where TPayload : class
    {
        var id = Guid.CreateVersion7(now);
        var json = JsonSerializer.Serialize(payload, Json.Options);
        var due = dueAt ?? now;
        var trace = Activity.Current?.Id;
        return await db.Database.ExecuteSqlAsync($"""
            with added as (insert into job_keys (kind, key, enqueued_at) values ({kind}, {key}, {now}) on conflict do nothing returning kind, key)
            insert into jobs (id, kind, key, payload, due_at, trace_parent, enqueued_at)
            select {id}, kind, key, {json}, {due}, {trace}, {now} from added
            """, ct) > 0;
    }
}
