using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Persistence;

namespace Mneme.Progress.Infrastructure;

/// <summary>
/// Read through these entities; everything is written by set-based SQL (<see cref="ProfileWriter"/>, <see cref="ActionWriter"/>), because a batch of
/// events touches hundreds of people at a time.
/// </summary>
internal sealed class ProgressDb(DbContextOptions<ProgressDb> options) : ServiceDb(options)
{
    public const string Name = "progress";

    public override string ServiceName => Name;

    public DbSet<Profile> Profiles => Set<Profile>();

    public DbSet<Score> Scores => Set<Score>();

    public DbSet<DayRecord> DailyActivity => Set<DayRecord>();

    public DbSet<RankBucketCount> RankBuckets => Set<RankBucketCount>();

    public DbSet<WarnedDay> StreakWarnings => Set<WarnedDay>();

    protected override void MapEntities(ModelBuilder model)
    {
        model.Entity<Profile>().Property(p => p.Id).ValueGeneratedNever();
        model.Entity<Score>().HasKey(s => s.UserId);
        model.Entity<Score>().Property(s => s.UserId).ValueGeneratedNever();
        model.Entity<DayRecord>().HasKey(d => new { d.UserId, d.LocalDate });
        model.Entity<RankBucketCount>().HasKey(b => b.Bucket);
        model.Entity<RankBucketCount>().Property(b => b.Bucket).ValueGeneratedNever();
        model.Entity<WarnedDay>().HasKey(w => w.UserId);
        model.Entity<WarnedDay>().Property(w => w.UserId).ValueGeneratedNever();
    }
}
