namespace Mneme.Scheduling.Fsrs;

/// <summary>Where a card is in its life; the numbers are those of every port of FSRS.</summary>
public enum CardState : byte
{
    /// <summary>Never reviewed.</summary>
    New = 0,

    /// <summary>In its first steps, minutes apart.</summary>
    Learning = 1,

    /// <summary>Scheduled in days.</summary>
    Review = 2,

    /// <summary>Forgotten in review, and back in steps.</summary>
    Relearning = 3,
}
