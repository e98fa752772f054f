using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Capture.Domain;
using Mneme.Capture.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.Capture.Features;

/// <summary>Which captures to list; all that is given must hold.</summary>
/// <param name="Status">PENDING, PROCESSED or FAILED.</param>
/// <param name="Type">TEXT, PAGE, SCREENSHOT, VIDEO or AUDIO.</param>
/// <param name="Tag">A tag, in upper or lower case.</param>
/// <param name="Source">Exactly the source.</param>
/// <param name="Q">Words of title and text; "a phrase" in quotes, or, and -without.</param>
// The limits stand on the properties: OpenAPI generation fails on annotations of an [AsParameters] record's constructor.
internal sealed record ListCapturesRequest(
    [property: AllowedValues(null, "PENDING", "PROCESSED", "FAILED", ErrorMessage = "must be PENDING, PROCESSED or FAILED.")] string? Status = null,
    [property: AllowedValues(null, "TEXT", "PAGE", "SCREENSHOT", "VIDEO", "AUDIO", ErrorMessage = "must be TEXT, PAGE, SCREENSHOT, VIDEO or AUDIO.")] string? Type = null,
    [property: StringLength(TagList.MaxLength)] string? Tag = null, [property: StringLength(CapturedItem.MaxSource)] string? Source = null, [property: StringLength(200)] string? Q = null);

/// <summary>A capture in a list. The excerpt is the beginning of its text; of a page its address, until the text is known.</summary>
internal sealed record CaptureListItem(
    Guid Id, Guid UserId, CaptureType Type, string? Title, string Excerpt, string? Source, string? Language, IReadOnlyList<string> Tags, CaptureStatus Status,
    Guid? TopicId, string? FailureReason, DateTimeOffset CreatedAt, DateTimeOffset StatusAt, long Version);

internal static class ListCaptures
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/captures", Handle).Owned()
        .WithName("ListCaptures").WithSummary("Captures, newest first, by status, type, tag, source and words of their text.").Produces<Page<CaptureListItem>>();

    private static async Task<Outcome<Page<CaptureListItem>>> Handle(
        [AsParameters] ListCapturesRequest request, PageRequest page, Actor actor, CaptureDb db, CancellationToken ct)
    {
        var captures = Search(db, request.Q).Where(c => c.UserId == actor.UserId);
        if (request.Status is not null)
        {
            var status = Names.Parse<CaptureStatus>(request.Status);
            captures = captures.Where(c => c.Status == status);
        }

        if (request.Type is not null)
        {
            var type = Names.Parse<CaptureType>(request.Type);
            captures = captures.Where(c => c.Type == type);
        }

        if (!string.IsNullOrWhiteSpace(request.Tag))
        {
            var key = TagList.KeyOf(request.Tag);
            captures = captures.Where(c => c.TagKeys.Contains(key));
        }

        if (!string.IsNullOrWhiteSpace(request.Source))
            captures = captures.Where(c => c.Source == PlainText.OneLine(request.Source, CapturedItem.MaxSource));
        if (page.AfterId is { } after)
            captures = captures.Where(c => c.Id < after);
        var items = await captures.OrderByDescending(c => c.Id).Take(page.Limit + 1)
            .Select(c => new CaptureListItem(
                c.Id, c.UserId, c.Type, c.Title, c.Excerpt, c.Source, c.Language, c.Tags, c.Status, c.TopicId, c.FailureReason, c.CreatedAt, c.StatusAt, c.Version))
            .ToListAsync(ct);
        return Page<CaptureListItem>.Of(items, page.Limit, item => item.Id.ToString());
    }

    /// <summary>
    /// Each capture is searched with the words as its own language reads them. Matching all readings against every capture would find what was excluded:
    /// "-cats" in English excludes "cat" and "cats", read plainly the former is not excluded.
    /// </summary>
    private static IQueryable<CapturedItem> Search(CaptureDb db, string? words) => string.IsNullOrWhiteSpace(words)
        ? db.Captures
        : db.Captures.FromSql($"""
            select * from captures
            where (search_configuration = 'english' and search @@ websearch_to_tsquery('english', {words}))
               or (search_configuration = 'german' and search @@ websearch_to_tsquery('german', {words}))
               or (search_configuration = 'simple' and search @@ websearch_to_tsquery('simple', {words}))
            """);
}
