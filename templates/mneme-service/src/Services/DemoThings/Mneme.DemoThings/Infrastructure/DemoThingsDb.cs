using Microsoft.EntityFrameworkCore;
using Mneme.DemoThings.Domain;
using Mneme.Platform.Persistence;

namespace Mneme.DemoThings.Infrastructure;

internal sealed class DemoThingsDb(DbContextOptions<DemoThingsDb> options) : ServiceDb(options)
{
    public const string Name = "demothings";

    public DbSet<DemoThing> DemoThings => Set<DemoThing>();

    public override string ServiceName => Name;

    /// <summary>Loads a person's demo thing for a change, and lets nobody else change it until the transaction ends. Null if it is not theirs.</summary>
    public async Task<DemoThing?> LockAsync(Guid id, Guid userId, CancellationToken ct) =>
        (await DemoThings.FromSql($"select * from demo_things where id = {id} and user_id = {userId} for update").ToListAsync(ct)).SingleOrDefault();

    /// <summary>Lets one person's demo things be created one after the other until the transaction ends, so that the limit holds.</summary>
    public Task LockDemoThingsOfAsync(Guid userId, CancellationToken ct) =>
        Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({userId}::text, 3))", ct);

    protected override void MapEntities(ModelBuilder model) => model.Entity<DemoThing>(demoThing =>
    {
        // Named here, because without it the class would name the table.
        demoThing.ToTable(nameof(DemoThings));
        demoThing.Property(d => d.Title).HasConversion(title => title.Value, text => DemoThingTitle.Stored(text));
        demoThing.Property(d => d.Description).HasConversion(description => description.Value, text => DemoThingDescription.Stored(text));
    });
}
