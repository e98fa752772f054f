namespace Mneme.Scheduling.Fsrs;

/// <summary>How well the answer was known, as FSRS and Anki count it.</summary>
public enum Rating : byte
{
    /// <summary>Forgotten.</summary>
    Again = 1,

    /// <summary>Remembered with effort.</summary>
    Hard = 2,

    /// <summary>Remembered.</summary>
    Good = 3,

    /// <summary>Remembered without effort.</summary>
    Easy = 4,
}
