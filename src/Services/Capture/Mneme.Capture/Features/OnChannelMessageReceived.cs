using Microsoft.EntityFrameworkCore;
using Mneme.Capture.Domain;
using Mneme.Capture.Infrastructure;
using Mneme.Contracts.Channels;

namespace Mneme.Capture.Features;

/// <summary>
/// Captures what came in by a channel, as if its owner had captured the text: the same text is captured once, and a full storage takes nothing more. Nobody waits for an
/// answer here, so what cannot be captured is counted and otherwise left where it is, among the channel's messages.
/// </summary>
internal static class OnChannelMessageReceived
{
    public static async Task Handle(ChannelMessageReceived e, CaptureDb db, CaptureOptions options, TimeProvider time, CancellationToken ct)
    {
        if (Draft(e) is not { } draft)
        {
            CaptureMetrics.MessageTaken("empty");
            return;
        }

        var used = await db.LockUsageAsync(e.UserId, ct);
        if (await db.Captures.AnyAsync(c => c.UserId == e.UserId && c.Type == draft.Type && c.ContentHash == draft.ContentHash, ct))
        {
            CaptureMetrics.MessageTaken("known");
            return;
        }

        if (used + draft.Size > options.MaxBytesPerUser)
        {
            CaptureMetrics.MessageTaken("storage-full");
            return;
        }

        var now = time.GetUtcNow();
        var item = CapturedItem.Create(e.UserId, draft, isRepeat: false, now);
        db.Captures.Add(item);
        await db.AddUsageAsync(e.UserId, item.Size, ct);
        db.Publish(item.Captured(item.Version), now);
        // Two messages of one batch may say the same: the next handler is to see this capture.
        await db.SaveChangesAsync(ct);
        CaptureMetrics.MessageTaken("captured");
        CaptureMetrics.Created(Names.Of(item.Type));
    }

    private static CaptureDraft? Draft(ChannelMessageReceived e)
    {
        var text = PlainText.Clean(e.Text);
        return PlainText.OneLine(text, CapturedItem.MaxText) is null || text.Length > CapturedItem.MaxText
            ? null
            : new CaptureDraft(
                CaptureType.Text, text, CaptureDraft.HashOfText(text), PlainText.OneLine(e.Title, CapturedItem.MaxTitle), PlainText.OneLine(e.ChannelName, CapturedItem.MaxSource),
                Language: null, TagList.None, Metadata: null);
    }
}
