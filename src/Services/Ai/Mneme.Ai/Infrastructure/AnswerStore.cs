using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mneme.Contracts.Ai;
using Mneme.Platform;
using Mneme.Platform.Domain;

namespace Mneme.Ai.Infrastructure;

/// <summary>
/// Answers by the asker's idempotency key. The first to come claims the key and works; those who come meanwhile wait for its answer. A claim whose holder died
/// ends with its time and is taken over.
/// </summary>
internal sealed class AnswerStore(AiDb db, AiOptions options, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // Time to store the answer after the work's own limit.
    private static readonly TimeSpan ClaimMargin = TimeSpan.FromSeconds(15);

    /// <summary>Claims the key of a request, or waits for the answer of whoever has it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>A claim, a stored answer, or why there is neither.</returns>
    public async Task<Outcome<ClaimOrAnswer>> ClaimAsync(GenerateFlashcards request, CancellationToken ct)
    {
        var hash = Hash(request);
        var claim = Guid.CreateVersion7(time.GetUtcNow());
        for (var isFree = true; ;)
        {
            if (isFree && await TryClaimAsync(request, hash, claim, ct))
                return new ClaimOrAnswer(claim, null);
            var found = await db.Generations.AsNoTracking().FirstOrDefaultAsync(g => g.UserId == request.UserId && g.Key == request.IdempotencyKey, ct);
            if (found is null)
                return await WhyThereIsNoneAsync(request.UserId, ct);
            if (!found.RequestHash.AsSpan().SequenceEqual(hash))
                return Problem.Unprocessable("idempotency-key-reused", "This key was used for another text already. Use a new key for new work.");
            if (found.Answer is { } answer)
                return new ClaimOrAnswer(null, JsonSerializer.Deserialize<GeneratedFlashcards>(answer, Json.Options));
            isFree = found.ClaimedUntil < time.GetUtcNow();
            if (!isFree)
                await Task.Delay(PollInterval, ct);
        }
    }

    /// <summary>Stores the answer, unless the claim was lost or the person erased.</summary>
    public Task CompleteAsync(GenerateFlashcards request, Guid claim, GeneratedFlashcards answer)
    {
        var json = JsonSerializer.Serialize(answer, Json.Options);
        return db.Database.ExecuteSqlAsync($"""
            update generations set answer = {json}::jsonb, claim_id = null, claimed_until = null
            where user_id = {request.UserId} and key = {request.IdempotencyKey} and claim_id = {claim}
            """);
    }

    /// <summary>Gives the key free after a failure: a later request may try again.</summary>
    public Task AbandonAsync(GenerateFlashcards request, Guid claim) =>
        db.Database.ExecuteSqlAsync($"delete from generations where user_id = {request.UserId} and key = {request.IdempotencyKey} and claim_id = {claim}");

    private async Task<bool> TryClaimAsync(GenerateFlashcards request, byte[] hash, Guid claim, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var until = now + options.OverallTimeout + ClaimMargin;
        return await db.Database.ExecuteSqlAsync($"""
            insert into generations (user_id, key, request_hash, claim_id, claimed_until, created_at)
            select {request.UserId}, {request.IdempotencyKey}, {hash}, {claim}, {until}, {now}
            where not exists (select from erased where id = {request.UserId})
            on conflict (user_id, key) do update set claim_id = excluded.claim_id, claimed_until = excluded.claimed_until
            where generations.answer is null and generations.claimed_until < {now} and generations.request_hash = excluded.request_hash
            """, ct) > 0;
    }

    // It is the asker's turn to decide about another attempt, not ours to pay again.
    private async Task<Problem> WhyThereIsNoneAsync(Guid userId, CancellationToken ct) =>
        await db.Database.SqlQuery<bool>($"""select exists (select from erased where id = {userId}) as "Value" """).SingleAsync(ct)
            ? Problem.NotFound("user")
            : Problem.Unavailable("ai-same-request-failed", "The same request was being worked on and failed. Try again.");

    private static byte[] Hash(GenerateFlashcards request) =>
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { request.Text, request.Language, request.Title, request.Count }, Json.Options));
}

/// <summary>Exactly one of the two: the right to work, or the answer.</summary>
internal sealed record ClaimOrAnswer(Guid? Claim, GeneratedFlashcards? Answer);
