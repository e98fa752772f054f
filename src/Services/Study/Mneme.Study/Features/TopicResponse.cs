using System.Linq.Expressions;
using Mneme.Platform.Http;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <param name="Id">The topic.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is about, if that was said.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="CaptureId">The capture it was made of, as long as that exists.</param>
/// <param name="CompletedAt">When it was completed, UTC; null if it was not.</param>
/// <param name="CardCount">How many flashcards it has.</param>
/// <param name="DueCount">How many of them are due now.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When it was last changed, UTC.</param>
/// <param name="Version">Rises with every change of the topic itself; its ETag.</param>
internal sealed record TopicResponse(
    Guid Id, string Name, string? Description, string[] Tags, Guid? CaptureId, DateTimeOffset? CompletedAt, int CardCount, int DueCount,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    /// <summary>The counts change without the topic.</summary>
    bool IVersioned.CoversResponse => false;

    public static Expression<Func<Topic, TopicResponse>> Projection(StudyDb db, DateTimeOffset now) => topic => new TopicResponse(
        topic.Id, topic.Name, topic.Description, topic.Tags, topic.CaptureId, topic.CompletedAt,
        db.Flashcards.Count(card => card.TopicId == topic.Id),
        db.Flashcards.Count(card => card.TopicId == topic.Id && card.DueAt <= now),
        topic.CreatedAt, topic.UpdatedAt, topic.Version);
}
