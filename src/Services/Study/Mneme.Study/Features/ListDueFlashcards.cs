using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

internal static class ListDueFlashcards
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/flashcards/due", Handle).Owned()
        .WithName("ListDueFlashcards").WithSummary("List the flashcards that are due now, the longest overdue first").Produces<Page<FlashcardResponse>>();

    /// <summary>Reads the index flashcards_due from where the cursor stands, however many cards there are.</summary>
    private static async Task<Outcome<Page<FlashcardResponse>>> Handle(Actor actor, PageRequest page, StudyDb db, TimeProvider time, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var due = db.Flashcards.AsNoTracking().Where(card => card.UserId == actor.UserId && card.DueAt <= now);
        if (page.After is { } after)
        {
            var (dueAt, id) = ParseCursor(after);
            due = due.Where(card => EF.Functions.GreaterThan(ValueTuple.Create(card.DueAt, card.Id), ValueTuple.Create(dueAt, id)));
        }

        var items = await due.OrderBy(card => card.DueAt).ThenBy(card => card.Id).Take(page.Limit + 1).Select(FlashcardResponse.Projection).ToListAsync(ct);
        return Page<FlashcardResponse>.Of(items, page.Limit, last => string.Create(CultureInfo.InvariantCulture, $"{last.NextReview.UtcTicks}:{last.Id}"));
    }

    private static (DateTimeOffset DueAt, Guid Id) ParseCursor(string cursor) =>
        cursor.Split(':') is [var ticks, var id]
        && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var utcTicks) && utcTicks <= DateTimeOffset.MaxValue.UtcTicks && Guid.TryParse(id, out var guid)
            ? (new DateTimeOffset(utcTicks, TimeSpan.Zero), guid)
            : throw new BadHttpRequestException("The cursor is not one of this list.");
}
