using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Capture.Domain;
using Mneme.Capture.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Http.Outgoing;
using Mneme.Platform.Security;

namespace Mneme.Capture.Features;

/// <summary>Something to learn from.</summary>
/// <param name="Type">What it is; TEXT and PAGE are understood.</param>
/// <param name="Content">The text, or the page's address.</param>
/// <param name="Source">Where it came from, in words or as an address; for a page its address unless given.</param>
/// <param name="Title">For the person to know it by; of a page its own unless given.</param>
/// <param name="Language">BCP 47 tag.</param>
/// <param name="Tags">Up to 20.</param>
/// <param name="Metadata">Anything that the capturing program wants to keep with it, up to 4 KB.</param>
/// <param name="Force">Capture it again although the same content is there.</param>
internal sealed record CreateCaptureRequest(
    CaptureType Type,
    [Required(ErrorMessage = "Give the text or the page's address."), StringLength(CapturedItem.MaxText)] string Content,
    [StringLength(CapturedItem.MaxSource)] string? Source = null,
    [StringLength(CapturedItem.MaxTitle)] string? Title = null,
    [StringLength(LanguageTag.MaxLength)] string? Language = null,
    [MaxLength(TagList.MaxCount), ItemLength(1, TagList.MaxLength)] IReadOnlyList<string>? Tags = null,
    JsonObject? Metadata = null,
    bool Force = false);

internal static class CreateCapture
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/captures", Handle).Owned()
        .WithName("CreateCapture").WithSummary("Capture a text or a page to learn from. The same content again answers 200 with the capture that is there.")
        .Produces<CaptureResponse>(StatusCodes.Status201Created).Produces<CaptureResponse>();

    private static async Task<Outcome<CaptureResponse>> Handle(
        CreateCaptureRequest request, Actor actor, CaptureDb db, CaptureOptions options, TimeProvider time, CancellationToken ct)
    {
        var parsed = Parse(request, options.OutgoingPolicy());
        if (parsed.Value is not { } draft)
            return parsed.Problem!;
        var used = await db.LockUsageAsync(actor.UserId, ct);
        var same = await db.Captures.AsNoTracking()
            .Where(c => c.UserId == actor.UserId && c.Type == draft.Type && c.ContentHash == draft.ContentHash)
            .OrderBy(c => c.Id).FirstOrDefaultAsync(ct);
        if (same is not null && !request.Force)
            return CaptureResponse.Of(same);
        if (used + draft.Size > options.MaxBytesPerUser)
        {
            return Problem.Unprocessable(
                "storage-full", $"Your captures take up {used / 1_000_000} of {options.MaxBytesPerUser / 1_000_000} MB. Delete some that you do not need any more, then try again.");
        }

        if (draft.Type == CaptureType.Page && await FetchPage.TooManyWaitAsync(db, actor.UserId, options, ct) is { } problem)
            return problem;

        var now = time.GetUtcNow();
        var item = CapturedItem.Create(actor.UserId, draft, isRepeat: same is not null, now);
        db.Captures.Add(item);
        await db.AddUsageAsync(actor.UserId, item.Size, ct);
        if (item.Text is null)
            await FetchPage.EnqueueAsync(db, item, now, ct);
        else
            db.Publish(item.Captured(item.Version), now);
        CaptureMetrics.Created(Names.Of(item.Type));
        return Outcome.Created(CaptureResponse.Of(item), $"/api/v1/captures/{item.Id}");
    }

    private static Outcome<CaptureDraft> Parse(CreateCaptureRequest request, OutgoingPolicy policy)
    {
        var content = request.Type switch
        {
            CaptureType.Text => ParseText(request.Content),
            CaptureType.Page => ParseAddress(request.Content, policy),
            _ => Problem.Unprocessable(
                "capture-type-unsupported", $"{Names.Of(request.Type)} cannot be captured yet. Capture its text as TEXT, or the address of a web page as PAGE."),
        };
        if (content.Value is null)
            return content.Problem!;
        string? language = null;
        if (!string.IsNullOrWhiteSpace(request.Language) && (language = LanguageTag.Parse(request.Language)) is null)
            return Problem.Invalid("language", "Give a language tag such as de or en-GB, or leave it out.");
        var tags = request.Tags is null ? TagList.None : TagList.Of(request.Tags);
        if (tags.Value is null)
            return tags.Problem!;
        var metadata = CaptureMetadata.Of(request.Metadata);
        if (metadata.Value is null)
            return metadata.Problem!;
        var source = PlainText.OneLine(request.Source, CapturedItem.MaxSource) ?? (request.Type == CaptureType.Page ? content.Value.Text : null);
        return new CaptureDraft(
            request.Type, content.Value.Text, content.Value.Hash, PlainText.OneLine(request.Title, CapturedItem.MaxTitle), source, language, tags.Value, metadata.Value.Json);
    }

    private static Outcome<Content> ParseText(string given)
    {
        var text = PlainText.Clean(given);
        return PlainText.OneLine(text, CapturedItem.MaxText) is null ? Problem.Invalid("content", "The text is blank.") : new Content(text, CaptureDraft.HashOfText(text));
    }

    private static Outcome<Content> ParseAddress(string given, OutgoingPolicy policy)
    {
        if (!OutgoingAddress.TryParse(given.Trim(), out var address, out var problem))
            return Problem.Invalid("content", problem);
        // What a name leads to is seen when it is fetched; what can be told now is told now.
        return policy.Refusal(address) is { } refusal
            ? Problem.Unprocessable("address-refused", refusal)
            : new Content(given.Trim(), CaptureDraft.HashOfAddress(address));
    }

    private sealed record Content(string Text, byte[] Hash);
}
