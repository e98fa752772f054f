namespace Mneme.Scheduling;

/// <summary>What SM-2 remembers of one card.</summary>
/// <param name="EaseHundredths">Ease factor (EF) in hundredths, at least <see cref="Sm2.MinEaseHundredths"/>: 250 stands for 2.50.</param>
/// <param name="IntervalDays">Days from the last review to the next, 0 for a card never reviewed, at most <see cref="Sm2.MaxIntervalDays"/>.</param>
/// <param name="Repetitions">Successful reviews in a row since the card was new or last forgotten.</param>
public readonly record struct Sm2State(int EaseHundredths, int IntervalDays, int Repetitions)
{
    /// <summary>A card never reviewed: EF 2.5.</summary>
    public static Sm2State New { get; } = new(Sm2.InitialEaseHundredths, 0, 0);

    /// <summary>The ease factor as a number, such as 2.36.</summary>
    public decimal EaseFactor => EaseHundredths / 100m;
}
