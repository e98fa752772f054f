using Mneme.Contracts.Capture;
using Mneme.Platform.Domain;

namespace Mneme.Capture.Domain;

internal enum CaptureType
{
    Text,
    Page,
    Screenshot,
    Video,
    Audio,
}

internal enum CaptureStatus
{
    /// <summary>The page is being fetched, or flashcards are being made.</summary>
    Pending,

    /// <summary>It became a topic.</summary>
    Processed,

    /// <summary>It did not, for the reason given; it can be tried again.</summary>
    Failed,
}

/// <summary>
/// Something that a person wants to learn from, and what became of it. Its <see cref="Attempt"/> counts how often it was handed on to be learned from:
/// an answer to an earlier attempt is stale.
/// </summary>
internal sealed class CapturedItem : AggregateRoot
{
    public const int MaxText = 200_000;
    public const int MaxAddress = 2_000;
    public const int MaxTitle = 300;
    public const int MaxSource = 2_000;
    public const int MaxReason = 1_000;

    private CapturedItem()
    {
    }

    public Guid UserId { get; private init; }

    public CaptureType Type { get; private init; }

    /// <summary>What the person gave: the text itself, or the page's address.</summary>
    public string Content { get; private init; } = "";

    /// <summary>SHA-256 of the normalised content, by which the same content is known again.</summary>
    public byte[] ContentHash { get; private init; } = [];

    /// <summary>Whether the person asked for another capture of content that they had captured before.</summary>
    public bool IsRepeat { get; private init; }

    /// <summary>The page's readable text, once it is known; always null for a text.</summary>
    public string? ExtractedText { get; private set; }

    public string Excerpt { get; private set; } = "";

    public string? Title { get; private set; }

    public string? Source { get; private init; }

    public string? Language { get; private set; }

    public string[] Tags { get; private set; } = [];

    /// <summary>The tags as they are compared.</summary>
    public string[] TagKeys { get; private set; } = [];

    public string? Metadata { get; private init; }

    public CaptureStatus Status { get; private set; }

    /// <summary>From 1; one higher each time that it is tried again.</summary>
    public int Attempt { get; private set; } = 1;

    public Guid? TopicId { get; private set; }

    public string? FailureReason { get; private set; }

    /// <summary>What it counts towards the person's storage, in bytes.</summary>
    public long Size { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Since when it has its status.</summary>
    public DateTimeOffset StatusAt { get; private set; }

    /// <summary>The text search configuration that suits the language, be it given or detected.</summary>
    public string SearchConfiguration { get; private set; } = "";

    /// <summary>The text to learn from, once it is known.</summary>
    public string? Text => Type == CaptureType.Text ? Content : ExtractedText;

    public static CapturedItem Create(Guid userId, CaptureDraft draft, bool isRepeat, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserId = userId,
        Type = draft.Type,
        Content = draft.Content,
        ContentHash = draft.ContentHash,
        IsRepeat = isRepeat,
        Excerpt = PlainText.Excerpt(draft.Content),
        Title = draft.Title,
        Source = draft.Source,
        Language = draft.Language,
        Tags = draft.Tags.Names,
        TagKeys = draft.Tags.Keys,
        Metadata = draft.Metadata,
        Size = draft.Size,
        CreatedAt = now,
        StatusAt = now,
        SearchConfiguration = draft.Type == CaptureType.Text ? TextSearch.ConfigurationOf(draft.Language, draft.Content) : "simple",
    };

    public void Rename(string? title) => Title = title;

    public void Tag(TagList tags) => (Tags, TagKeys) = (tags.Names, tags.Keys);

    /// <summary>Takes what was read on the page, unless that is not waited for any more. The person's own title and language stay.</summary>
    public bool TakeText(int attempt, string text, string? title, string? language)
    {
        if (!AwaitsText(attempt))
            return false;
        ExtractedText = text;
        Excerpt = PlainText.Excerpt(text);
        Title ??= title;
        Language ??= language;
        SearchConfiguration = TextSearch.ConfigurationOf(Language, text);
        Size += StorageUsage.BytesOf(text);
        return true;
    }

    /// <summary>Whether this attempt's page is still to be read.</summary>
    public bool AwaitsText(int attempt) => Status == CaptureStatus.Pending && Attempt == attempt && Text is null;

    /// <summary>An answer to the current attempt. A success outweighs a failure that was told before it, such as one for lack of an answer.</summary>
    public void BecomeTopic(int attempt, Guid topicId, DateTimeOffset now)
    {
        if (attempt != Attempt || Status == CaptureStatus.Processed)
            return;
        (Status, StatusAt, TopicId, FailureReason) = (CaptureStatus.Processed, now, topicId, null);
    }

    /// <param name="attempt">The attempt that failed.</param>
    /// <param name="reason">For the person: what went wrong and what they can do.</param>
    /// <param name="now">The present.</param>
    public void Fail(int attempt, string reason, DateTimeOffset now)
    {
        if (attempt != Attempt || Status != CaptureStatus.Pending)
            return;
        (Status, StatusAt, FailureReason) = (CaptureStatus.Failed, now, PlainText.OneLine(reason, MaxReason) ?? "It failed without saying why. Try again.");
    }

    public void TryAgain(DateTimeOffset now)
    {
        if (Status != CaptureStatus.Failed)
            throw new InvalidOperationException("Only a failed capture is tried again.");
        (Status, StatusAt, FailureReason) = (CaptureStatus.Pending, now, null);
        Attempt++;
    }

    /// <summary>The fact that its text is known, at the version that saving makes.</summary>
    public ContentCaptured Captured(long version) => new(
        UserId, Id, Names.Of(Type), Title, Text ?? throw new InvalidOperationException("The text is not known yet."), Language, Source, Tags, Attempt, version);
}
