namespace Mneme.Study.Domain;

/// <summary>Captured material that flashcards are to be made of. What it says is kept until that is done.</summary>
internal sealed class CapturedText
{
    public Guid CaptureId { get; private init; }

    public Guid UserId { get; private init; }

    /// <summary>The highest attempt that was heard of.</summary>
    public int Attempt { get; private init; }

    public string? Title { get; private set; }

    /// <summary>Null once there is nothing more to do.</summary>
    public string? Text { get; private set; }

    public string? Language { get; private set; }

    public string[] Tags { get; private set; } = [];

    public DateTimeOffset? DeletedAt { get; private init; }

    /// <summary>Forgets what it says; that it was processed stays.</summary>
    public void Finish()
    {
        Title = Text = Language = null;
        Tags = [];
    }
}
