using System.Text.Json.Nodes;
using Mneme.Capture.Domain;
using Mneme.Platform.Http;

namespace Mneme.Capture.Features;

/// <summary>A capture in full.</summary>
/// <param name="Content">What was given: the text, or the page's address.</param>
/// <param name="ExtractedText">The page's readable text, once it is known.</param>
/// <param name="TopicId">The topic that it became.</param>
/// <param name="FailureReason">Why it failed, and what can be done.</param>
/// <param name="Attempt">From 1; one higher each time that it was tried again.</param>
/// <param name="StatusAt">Since when it has its status.</param>
internal sealed record CaptureResponse(
    Guid Id, Guid UserId, CaptureType Type, string Content, string? ExtractedText, string? Source, string? Title, string? Language, IReadOnlyList<string> Tags,
    JsonNode? Metadata, CaptureStatus Status, Guid? TopicId, string? FailureReason, int Attempt, DateTimeOffset CreatedAt, DateTimeOffset StatusAt, long Version) : IVersioned
{
    public static CaptureResponse Of(CapturedItem item) => new(
        item.Id, item.UserId, item.Type, item.Content, item.ExtractedText, item.Source, item.Title, item.Language, item.Tags,
        item.Metadata is null ? null : JsonNode.Parse(item.Metadata), item.Status, item.TopicId, item.FailureReason, item.Attempt, item.CreatedAt, item.StatusAt, item.Version);
}
