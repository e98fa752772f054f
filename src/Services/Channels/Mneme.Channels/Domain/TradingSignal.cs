namespace Mneme.Channels.Domain;

internal enum TradeSide
{
    Buy,
    Sell,
    Long,
    Short,
}

/// <summary>
/// A trade that somebody proposes. It exists only if its prices make sense together: whoever follows a signal with a stop on the wrong side loses money, so what
/// contradicts itself is no signal.
/// </summary>
internal sealed record TradingSignal
{
    public const int MaxTargets = 10;

    private TradingSignal(string symbol, TradeSide side, decimal? entryFrom, decimal? entryTo, IReadOnlyList<decimal> targets, decimal? stopLoss) =>
        (Symbol, Side, EntryFrom, EntryTo, Targets, StopLoss) = (symbol, side, entryFrom, entryTo, targets, stopLoss);

    /// <summary>In capitals, such as BTC/USDT or EURUSD.</summary>
    public string Symbol { get; }

    public TradeSide Side { get; }

    /// <summary>Null for the price of the moment.</summary>
    public decimal? EntryFrom { get; }

    public decimal? EntryTo { get; }

    /// <summary>The nearest first.</summary>
    public IReadOnlyList<decimal> Targets { get; }

    public decimal? StopLoss { get; }

    /// <param name="entries">Prices to enter at, in any order; none for the price of the moment.</param>
    /// <param name="targets">Prices to take profit at, in any order.</param>
    /// <returns>Null if there is neither target nor stop, or if a target or the stop lies on the wrong side.</returns>
    public static TradingSignal? Of(string symbol, TradeSide side, IReadOnlyList<decimal> entries, IReadOnlyList<decimal> targets, decimal? stopLoss)
    {
        if (targets.Count == 0 && stopLoss is null)
            return null;
        // Seen from a rising price; for a falling one every comparison turns round.
        var sign = side is TradeSide.Buy or TradeSide.Long ? 1 : -1;
        var nearest = targets.OrderBy(target => sign * target).Distinct().Take(MaxTargets).ToList();
        var lowestOfAll = entries.Concat(nearest).Select(price => sign * price).DefaultIfEmpty(decimal.MaxValue).Min();
        if (entries.Count > 0 && nearest.Count > 0 && sign * nearest[0] <= entries.Max(entry => sign * entry))
            return null;
        if (stopLoss is { } stop && sign * stop >= lowestOfAll)
            return null;
        return new TradingSignal(symbol, side, entries.Count > 0 ? entries.Min() : null, entries.Count > 0 ? entries.Max() : null, nearest, stopLoss);
    }
}
