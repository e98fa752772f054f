using Microsoft.EntityFrameworkCore;
using Mneme.Capture.Domain;
using Mneme.Platform.Persistence;

namespace Mneme.Capture.Infrastructure;

internal sealed class CaptureDb(DbContextOptions<CaptureDb> options) : ServiceDb(options)
{
    public DbSet<CapturedItem> Captures => Set<CapturedItem>();

    public override string ServiceName => "capture";

    /// <summary>
    /// Loads a person's capture for a change, and lets nobody else change it meanwhile: an answer that arrives by event and the person's own act then
    /// both take effect.
    /// </summary>
    public async Task<CapturedItem?> LockAsync(Guid id, Guid userId, CancellationToken ct) =>
        (await Captures.FromSql($"select * from captures where id = {id} and user_id = {userId} for update").ToListAsync(ct)).SingleOrDefault();

    /// <summary>Locks what a person's captures take up, so that creating, enlarging and deleting go one after the other.</summary>
    /// <returns>Bytes.</returns>
    public async Task<long> LockUsageAsync(Guid userId, CancellationToken ct) =>
        (await Database.SqlQuery<long>($"""
            insert into storage_usage (user_id, bytes) values ({userId}, 0)
            on conflict (user_id) do update set bytes = storage_usage.bytes returning bytes
            """).ToListAsync(ct)).Single();

    public Task AddUsageAsync(Guid userId, long bytes, CancellationToken ct) =>
        Database.ExecuteSqlAsync($"update storage_usage set bytes = bytes + {bytes} where user_id = {userId}", ct);

    protected override void MapEntities(ModelBuilder model) => model.Entity<CapturedItem>(item =>
    {
        item.ToTable("Captures");
        item.Property(c => c.Type).HasConversion(v => Names.Of(v), v => Names.Parse<CaptureType>(v));
        item.Property(c => c.Status).HasConversion(v => Names.Of(v), v => Names.Parse<CaptureStatus>(v));
        item.Ignore(c => c.Text);
    });
}
