namespace Mneme.Scheduling.Fsrs;

/// <summary>What becomes of a card with one of the four ratings.</summary>
/// <param name="Card">The card after the review.</param>
/// <param name="Wait">Time until it is due again: minutes in a step, else whole days.</param>
public readonly record struct Offer(FsrsCard Card, TimeSpan Wait)
{
    /// <summary>Whole days until it is due, 0 in a step.</summary>
    public int ScheduledDays => (int)(Wait.Ticks / TimeSpan.TicksPerDay);
}

/// <summary>What each rating would lead to. The waits never decrease from <see cref="Again"/> to <see cref="Easy"/>.</summary>
public readonly record struct Offers(Offer Again, Offer Hard, Offer Good, Offer Easy)
{
    /// <exception cref="ArgumentOutOfRangeException">The rating is none.</exception>
    public Offer this[Rating rating] => rating switch
    {
        Rating.Again => Again,
        Rating.Hard => Hard,
        Rating.Good => Good,
        Rating.Easy => Easy,
        _ => throw new ArgumentOutOfRangeException(nameof(rating), rating, "A rating is 1 (again) to 4 (easy)."),
    };
}
