using Mneme.Platform.Messaging;

namespace Mneme.Contracts.Capture;

/// <summary>Material was captured, or a failed capture is to be tried again, and its text is known.</summary>
/// <param name="UserId">Whose it is.</param>
/// <param name="CaptureId">The capture.</param>
/// <param name="Type">TEXT, PAGE, SCREENSHOT, VIDEO or AUDIO.</param>
/// <param name="Title">Title given by the person or found in the page, if any.</param>
/// <param name="Text">The text to learn from.</param>
/// <param name="Language">BCP 47 tag if it is known.</param>
/// <param name="Source">Where it came from, if known.</param>
/// <param name="Tags">The person's tags.</param>
/// <param name="Attempt">From 1; higher for each time that a failed capture is tried again.</param>
/// <param name="Version">Version of the capture.</param>
[Event("content.captured", 1, Topic = "content-events")]
public sealed record ContentCaptured(
    Guid UserId, Guid CaptureId, string Type, string? Title, string Text, string? Language, string? Source, IReadOnlyList<string> Tags, int Attempt, long Version)
    : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>A capture was deleted. What was made of it stays with its owner.</summary>
[Event("content.deleted", 1, Topic = "content-events")]
public sealed record ContentDeleted(Guid UserId, Guid CaptureId, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}
