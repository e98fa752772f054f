using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Persistence;

namespace Mneme.Platform.Messaging;

/// <summary>The operator's way to what could not be handled, for the services in this process.</summary>
internal static class DeadLetterEndpoints
{
    internal sealed record DeadLetterResponse(
        Guid EventId, string Consumer, string Type, Guid Subject, DateTimeOffset OccurredAt, DateTimeOffset FirstFailedAt, DateTimeOffset DeadAt, int Attempts, string Reason, string? Data);

    public static void Map(IEndpointRouteBuilder api)
    {
        var letters = api.MapGroup("/admin/dead-letters");
        letters.MapGet("", ListDeadLetters).WithName(nameof(ListDeadLetters)).WithSummary("Deliveries that failed for good, oldest first").Produces<Page<DeadLetterResponse>>().AdminOnly();
        letters.MapGet("/{consumer}/{eventId:guid}", GetDeadLetter).WithName(nameof(GetDeadLetter)).WithSummary("One of them, with its event").Produces<DeadLetterResponse>().AdminOnly();
        letters.MapPost("/{consumer}/{eventId:guid}/redrive", RedriveDeadLetter).WithName(nameof(RedriveDeadLetter)).WithSummary("Deliver it again, with all its attempts").Produces(204).AdminOnly();
        letters.MapDelete("/{consumer}/{eventId:guid}", DiscardDeadLetter).WithName(nameof(DiscardDeadLetter)).WithSummary("Remove it for good").Produces(204).AdminOnly();
    }

    private static async Task<Outcome<Page<DeadLetterResponse>>> ListDeadLetters(PageRequest page, Databases databases, CancellationToken ct)
    {
        (DateTimeOffset, Guid)? after = null;
        if (page.After is { } key)
        {
            if (key.Split(' ') is not [var ticks, var id] || !long.TryParse(ticks, out var time) || !Guid.TryParse(id, out var eventId) || time < 0 || time > DateTime.MaxValue.Ticks)
                return Problem.Invalid("cursor", "The cursor is not one of this list.");
            after = (new DateTimeOffset(time, TimeSpan.Zero), eventId);
        }

        var letters = new List<DeadLetterResponse>();
        foreach (var service in databases.Services)
            letters.AddRange((await FailedDeliveries.ListDeadAsync(databases.DataSource(service), after, page.Limit + 1, ct)).Select(letter => Response(letter, withData: false)));
        return Page<DeadLetterResponse>.Of(
            [.. letters.OrderBy(letter => letter.DeadAt).ThenBy(letter => letter.EventId).Take(page.Limit + 1)], page.Limit, letter => $"{letter.DeadAt.UtcTicks} {letter.EventId}");
    }

    private static async Task<Outcome<DeadLetterResponse>> GetDeadLetter(string consumer, Guid eventId, Databases databases, CancellationToken ct) =>
        databases.Services.Contains(consumer) && await FailedDeliveries.FindDeadAsync(databases.DataSource(consumer), eventId, ct) is { } letter
            ? Response(letter, withData: true)
            : NotFound;

    private static async Task<Outcome<Nothing>> RedriveDeadLetter(string consumer, Guid eventId, Databases databases, TimeProvider time, CancellationToken ct) =>
        databases.Services.Contains(consumer) && await FailedDeliveries.RedriveAsync(databases.DataSource(consumer), eventId, time.GetUtcNow(), ct) ? Outcome.Done : NotFound;

    private static async Task<Outcome<Nothing>> DiscardDeadLetter(string consumer, Guid eventId, Databases databases, CancellationToken ct) =>
        databases.Services.Contains(consumer) && await FailedDeliveries.DiscardAsync(databases.DataSource(consumer), eventId, ct) ? Outcome.Done : NotFound;

    private static Problem NotFound { get; } = Problem.NotFound("dead letter");

    private static DeadLetterResponse Response(FailedDelivery letter, bool withData) => new(
        letter.Envelope.Id, letter.Consumer, letter.Envelope.Type, letter.Envelope.PartitionKey, letter.Envelope.Time, letter.FirstFailedAt, letter.DeadAt!.Value, letter.Attempts,
        letter.Reason, withData ? letter.Envelope.Data : null);
}
