using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Persistence;

namespace Mneme.Ai.Infrastructure;

internal sealed class AiDb(DbContextOptions<AiDb> options) : ServiceDb(options)
{
    public DbSet<Generation> Generations => Set<Generation>();

    public DbSet<BudgetDay> BudgetDays => Set<BudgetDay>();

    public DbSet<UsageDay> UsageDays => Set<UsageDay>();

    public override string ServiceName => "ai";

    protected override void MapEntities(ModelBuilder model)
    {
        model.Entity<Generation>(generation =>
        {
            generation.HasKey(g => new { g.UserId, g.Key });
            generation.Property(g => g.Answer).HasColumnType("jsonb");
        });
        model.Entity<BudgetDay>().HasKey(b => new { b.OwnerId, b.Day });
        model.Entity<UsageDay>().HasKey(u => new { u.UserId, u.Day, u.Provider, u.Model });
    }
}

/// <summary>An answer by the asker's key, or the claim of the one who works on it. Written by <see cref="AnswerStore"/>.</summary>
internal sealed class Generation
{
    public Guid UserId { get; init; }

    public string Key { get; init; } = "";

    public byte[] RequestHash { get; init; } = [];

    public Guid? ClaimId { get; init; }

    public DateTimeOffset? ClaimedUntil { get; init; }

    /// <summary>JSON of the answer's contract.</summary>
    public string? Answer { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What a user, or the installation, has spent and reserved on a UTC day. Written by <see cref="BudgetLedger"/>.</summary>
internal sealed class BudgetDay
{
    /// <summary>The owner of the installation's own counters.</summary>
    public static readonly Guid Installation = Guid.Empty;

    public Guid OwnerId { get; init; }

    public DateOnly Day { get; init; }

    public long ReservedTokens { get; init; }

    public long SpentTokens { get; init; }

    public long ReservedMicros { get; init; }

    public long SpentMicros { get; init; }
}

/// <summary>What a user spent on one model on a UTC day.</summary>
internal sealed class UsageDay
{
    public Guid UserId { get; init; }

    public DateOnly Day { get; init; }

    public string Provider { get; init; } = "";

    public string Model { get; init; } = "";

    public long Calls { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long Micros { get; init; }
}
