using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Mneme.Platform.Observability;
using Npgsql;

namespace Mneme.Platform.Persistence;

/// <summary>
/// A service's database: its aggregates, and in the same transaction its outbox, audit trail and jobs.
/// Contexts are pooled, so a derived context must not hold state of its own.
/// </summary>
public abstract class ServiceDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();

    public DbSet<AuditRecord> Audit => Set<AuditRecord>();

    /// <summary>The service's name: the last part of its database's name, the source of its events.</summary>
    public abstract string ServiceName { get; }

    /// <summary>Adds an event to the outbox; it leaves with the transaction that saves this context.</summary>
    public void Publish(IIntegrationEvent integrationEvent, DateTimeOffset now) =>
        Outbox.Add(new OutboxMessage(EventEnvelope.Of(integrationEvent, ServiceName, now, Activity.Current?.Id)));

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        foreach (var entry in ChangeTracker.Entries<AggregateRoot>())
        {
            if (entry.State == EntityState.Modified)
                entry.Entity.Version++;
        }

        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    public static void Configure(DbContextOptionsBuilder options, NpgsqlDataSource dataSource) => options
        .UseNpgsql(dataSource)
        .EnableThreadSafetyChecks(false)
        // Every failed command would be logged twice, with its SQL; the exception is handled and logged where it is known what it means.
        .ConfigureWarnings(warnings => warnings
            .Ignore(RelationalEventId.CommandError, CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, RelationalEventId.CommandExecuted)
            .Throw(RelationalEventId.MultipleCollectionIncludeWarning));

    protected sealed override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OutboxMessage>(outbox =>
        {
            outbox.ToTable("Outbox");
            outbox.HasKey(m => m.Seq);
            outbox.Property(m => m.Seq).UseIdentityAlwaysColumn();
        });
        modelBuilder.Entity<AuditRecord>(audit =>
        {
            audit.ToTable("Audit");
            audit.Property(r => r.Id).ValueGeneratedNever();
            audit.Property(r => r.Detail).HasColumnType("jsonb");
        });
        MapEntities(modelBuilder);
        foreach (var entity in modelBuilder.Model.GetEntityTypes().Where(e => typeof(AggregateRoot).IsAssignableFrom(e.ClrType)))
        {
            entity.FindProperty(nameof(AggregateRoot.Version))!.IsConcurrencyToken = true;
            entity.FindProperty(nameof(AggregateRoot.Id))!.ValueGenerated = Microsoft.EntityFrameworkCore.Metadata.ValueGenerated.Never;
        }

        modelBuilder.UseSnakeCaseNames();
    }

    /// <summary>The service's own mapping. Tables and columns get snake_case names of themselves.</summary>
    protected abstract void MapEntities(ModelBuilder model);
}
