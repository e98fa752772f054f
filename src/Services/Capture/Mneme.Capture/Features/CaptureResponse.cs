using System.Text.Json.Nodes;
using Mneme.Capture.Domain;
using Mneme.Platform.Http;

namespace Mneme.Capture.Features;

/// <summary>
/// A capture in full. <c>content</c> is what was given: the text, or the page's address; <c>extractedText</c> the page's readable text, once it is known.
/// <c>attempt</c> counts from 1 how often it was tried; <c>statusAt</c> is since when it has its status.
/// </summary>
internal sealed record CaptureResponse(
    Guid Id, Guid UserId, CaptureType Type, string Content, string? ExtractedText, string? Source, string? Title, string? Language, IReadOnlyList<string> Tags,
    JsonNode? Metadata, CaptureStatus Status, Guid? TopicId, string? FailureReason, int Attempt, DateTimeOffset CreatedAt, DateTimeOffset StatusAt, long Version) : IVersioned
{
    public static CaptureResponse Of(CapturedItem item) => new(
        item.Id, item.UserId, item.Type, item.Content, item.ExtractedText, item.Source, item.Title, item.Language, item.Tags,
        item.Metadata is null ? null : JsonNode.Parse(item.Metadata), item.Status, item.TopicId, item.FailureReason, item.Attempt, item.CreatedAt, item.StatusAt, item.Version);
}
