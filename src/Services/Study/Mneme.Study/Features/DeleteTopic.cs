using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Contracts.Study;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

/// <summary>
/// Deletes a topic with its flashcards. Each card's end is published as well as the topic's, because those who keep something of a card know it by its own id.
/// </summary>
internal static class DeleteTopic
{
    private const int ChunkSize = 5_000;

    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/topics/{id:guid}", Handle).Owned()
        .WithName("DeleteTopic").WithSummary("Delete a topic with its flashcards").Produces(StatusCodes.Status204NoContent);

    private static async Task<Outcome<Nothing>> Handle(Guid id, Actor actor, IfMatch ifMatch, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        // Locked, so that no card is added or moved here meanwhile.
        if (await db.LockTopicAsync(actor.UserId, id, ct) is not { } topic)
            return Problem.NotFound("topic");
        if (!ifMatch.Allows(topic.Version))
            return Problem.PreconditionFailed();
        var now = time.Now();
        var cards = await db.Database.SqlQuery<DeletedCard>(
            $"delete from flashcards where user_id = {actor.UserId} and topic_id = {id} returning id, version").ToListAsync(ct);
        foreach (var chunk in cards.Chunk(ChunkSize))
            await PublishAsync(db, [.. chunk.Select(card => EventEnvelope.Of(new FlashcardDeleted(actor.UserId, card.Id, card.Version + 1), db.ServiceName, now, Activity.Current?.Id))], ct);
        db.Remove(topic);
        db.Publish(new TopicDeleted(actor.UserId, id, topic.Version + 1), now);
        return Outcome.Done;
    }

    /// <summary>By the set: an imported topic may have a hundred thousand cards, whose events would be tracked and inserted one by one for many seconds.</summary>
    private static Task PublishAsync(StudyDb db, EventEnvelope[] ends, CancellationToken ct)
    {
        var (type, topic, userId, occurredAt, trace) = (ends[0].Type, ends[0].Topic, ends[0].PartitionKey, ends[0].Time, ends[0].TraceParent);
        var (ids, data) = (ends.Select(end => end.Id).ToArray(), ends.Select(end => end.Data).ToArray());
        return db.Database.ExecuteSqlAsync($"""
            insert into outbox (id, type, topic, partition_key, occurred_at, trace_parent, data)
            select e.id, {type}, {topic}, {userId}, {occurredAt}, {trace}, e.data from unnest({ids}, {data}) as e (id, data)
            """, ct);
    }

    private sealed record DeletedCard(Guid Id, long Version);
}
