using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mneme.Platform.Persistence;
using Mneme.Study.Domain;

namespace Mneme.Study.Infrastructure;

internal sealed class StudyDb(DbContextOptions<StudyDb> options) : ServiceDb(options)
{
    public override string ServiceName => StudyService.ServiceName;

    public DbSet<Topic> Topics => Set<Topic>();

    public DbSet<Flashcard> Flashcards => Set<Flashcard>();

    public DbSet<ReviewLogEntry> ReviewLog => Set<ReviewLogEntry>();

    public DbSet<Learner> Learners => Set<Learner>();

    public DbSet<CapturedText> CapturedTexts => Set<CapturedText>();

    /// <summary>
    /// Loads a topic and locks its row until the transaction ends, so that a change waits for another instead of failing because of it. Null if it is not this person's.
    /// </summary>
    public Task<Topic?> LockTopicAsync(Guid userId, Guid id, CancellationToken ct) =>
        Topics.FromSql($"select * from topics where user_id = {userId} and id = {id} for update").SingleOrDefaultAsync(ct);

    /// <summary>Loads a flashcard and locks its row; see <see cref="LockTopicAsync"/>.</summary>
    public Task<Flashcard?> LockFlashcardAsync(Guid userId, Guid id, CancellationToken ct) =>
        Flashcards.FromSql($"select * from flashcards where user_id = {userId} and id = {id} for update").SingleOrDefaultAsync(ct);

    /// <summary>Whether this person has the topic; it cannot be deleted before the transaction ends.</summary>
    public Task<bool> KeepTopicAsync(Guid userId, Guid id, CancellationToken ct) =>
        Topics.FromSql($"select * from topics where user_id = {userId} and id = {id} for key share").AnyAsync(ct);

    protected override void MapEntities(ModelBuilder model)
    {
        model.Entity<Topic>().HasKey(topic => new { topic.UserId, topic.Id });
        model.Entity<Flashcard>(card =>
        {
            card.HasKey(c => new { c.UserId, c.Id });
            // Known to EF Core so that it inserts a new topic before its cards.
            card.HasOne<Topic>().WithMany().HasForeignKey(c => new { c.UserId, c.TopicId }).OnDelete(DeleteBehavior.NoAction);
            UpperCase(card.Property(c => c.Origin));
        });
        model.Entity<ReviewLogEntry>(entry =>
        {
            entry.ToTable(nameof(ReviewLog));
            entry.HasKey(e => new { e.UserId, e.FlashcardId, e.CardVersion });
            entry.Property(e => e.Payload).HasColumnType("jsonb");
            UpperCase(entry.Property(e => e.Kind));
        });
        model.Entity<Learner>().HasKey(learner => learner.UserId);
        model.Entity<CapturedText>().HasKey(capture => capture.CaptureId);
    }

    /// <summary>One-word enums as they stand in the JSON.</summary>
    private static void UpperCase<TEnum>(PropertyBuilder<TEnum> property)
        where TEnum : struct, Enum =>
        property.HasConversion(value => value.ToString().ToUpperInvariant(), text => Enum.Parse<TEnum>(text, ignoreCase: true));
}
