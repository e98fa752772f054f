namespace Mneme.Study.Domain;

/// <summary>Captured material that flashcards are to be made of. The text is kept until that is done.</summary>
internal sealed class CapturedText
{
    public Guid CaptureId { get; private init; }

    public Guid UserId { get; private init; }

    /// <summary>The highest attempt that was heard of.</summary>
    public int Attempt { get; private init; }

    public string? Title { get; private init; }

    /// <summary>Null once there is nothing more to do.</summary>
    public string? Text { get; private set; }

    public string? Language { get; private init; }

    public string[] Tags { get; private init; } = [];

    public DateTimeOffset? DeletedAt { get; private init; }

    public void Finish() => Text = null;
}
