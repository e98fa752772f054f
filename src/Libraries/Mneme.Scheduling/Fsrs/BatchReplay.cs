using System.Numerics;

namespace Mneme.Scheduling.Fsrs;

/// <summary>
/// Replays the histories of many cards at once, as when a learner's weights have changed: as many cards side by side as a vector has places, on as many cores as are wanted.
/// The result is that of <see cref="FsrsModel.Next"/> review by review, but for the last digits of exp and log.
/// </summary>
public sealed class BatchReplay
{
    /// <summary>Cards of one piece of work; cards are replayed in the order of their lengths, so that neighbours end together.</summary>
    private const int Chunk = 4096;

    private static readonly int Lanes = Vector<double>.Count;

    private readonly Constants _c;
    private readonly bool _shortTerm;

    /// <param name="model">The model whose states are wanted.</param>
    public BatchReplay(FsrsModel model) => (_c, _shortTerm) = (new Constants(model), model.ShortTerm);

    /// <summary>Computes the state of every card after its last review.</summary>
    /// <param name="histories">The reviews.</param>
    /// <param name="states">Receives a state for each card; of a card without reviews, the default.</param>
    /// <param name="cores">How many cores to use, at least 1.</param>
    /// <param name="ct">Ends the work early.</param>
    /// <exception cref="ArgumentException">There is no room for every card's state.</exception>
    public void Run(ReviewHistories histories, MemoryState[] states, int cores = 1, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cores, 1);
        if (states.Length < histories.Count)
            throw new ArgumentException($"There are {histories.Count} cards and room for {states.Length}.", nameof(states));
        var order = ByLength(histories);
        var chunks = (order.Length + Chunk - 1) / Chunk;
        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = cores, CancellationToken = ct }, () => new Scratch(), (chunk, _, scratch) =>
        {
            RunChunk(histories, order.AsSpan(chunk * Chunk, Math.Min(Chunk, order.Length - chunk * Chunk)), states, scratch);
            return scratch;
        }, _ => { });
    }

    private void RunChunk(ReviewHistories histories, ReadOnlySpan<int> order, MemoryState[] states, Scratch scratch)
    {
        for (var at = 0; at < order.Length; at += Lanes)
        {
            var group = order.Slice(at, Math.Min(Lanes, order.Length - at));
            var steps = scratch.Load(histories, group);
            if (steps > 0)
                Replay(scratch, steps);
            for (var lane = 0; lane < group.Length; lane++)
                states[group[lane]] = histories.Length(group[lane]) > 0 ? new MemoryState(scratch.Stability[lane], scratch.Difficulty[lane]) : default;
        }
    }

    private void Replay(Scratch scratch, int steps)
    {
        ref readonly var c = ref _c;
        var lengths = new Vector<double>(scratch.Lengths);
        var g = new Vector<double>(scratch.Ratings);
        var s = Choose(g, c.First0, c.First1, c.First2, c.First3);
        var d = Choose(g, c.Difficulty0, c.Difficulty1, c.Difficulty2, c.Difficulty3);
        for (var step = 1; step < steps; step++)
        {
            g = new Vector<double>(scratch.Ratings, step * Lanes);
            var t = new Vector<double>(scratch.Days, step * Lanes);
            var logS = Vector.Log(s);
            var forgets = Vector.Equals(g, Vector<double>.One);
            var r = Vector.Exp(Vector.Log(Vector<double>.One + c.F * t / s) * c.Decay);
            var forgetting = Vector<double>.One - r;
            var growth = Vector.Exp(c.W8 - c.W9 * logS) * (new Vector<double>(11) - d) * (Vector.Exp(c.W10 * forgetting) - Vector<double>.One);
            var next = s + s * growth * Choose(g, Vector<double>.One, c.Hard, Vector<double>.One, c.Easy);
            if (Vector.LessThanAny(g, new Vector<double>(2)))
            {
                var lapsed = c.W11 * Vector.Exp(c.W14 * forgetting - c.W12 * Vector.Log(d)) * (Vector.Exp(c.W13 * Vector.Log(s + Vector<double>.One)) - Vector<double>.One);
                next = Vector.ConditionalSelect(forgets, Vector.Min(lapsed, s * c.LapseShare), next);
            }

            if (_shortTerm && Vector.EqualsAny(t, Vector<double>.Zero))
            {
                var increase = Vector.Exp(Choose(g, c.SameDay0, c.SameDay1, c.SameDay2, c.SameDay3) - c.W19 * logS);
                increase = Vector.ConditionalSelect(forgets, increase, Vector.Max(increase, Vector<double>.One));
                next = Vector.ConditionalSelect(Vector.Equals(t, Vector<double>.Zero), s * increase, next);
            }

            var runs = Vector.GreaterThan(lengths, new Vector<double>(step));
            s = Vector.ConditionalSelect(runs, Clamp(next, FsrsModel.MinStability, FsrsModel.MaxStability), s);
            var harder = d - c.DifficultyStep * (g - new Vector<double>(3)) * (new Vector<double>(10) - d);
            d = Vector.ConditionalSelect(runs, Clamp(c.ReversionTarget + c.Keep * harder, FsrsModel.MinDifficulty, FsrsModel.MaxDifficulty), d);
        }

        s.CopyTo(scratch.Stability);
        d.CopyTo(scratch.Difficulty);
    }

    private static Vector<double> Choose(Vector<double> rating, Vector<double> again, Vector<double> hard, Vector<double> good, Vector<double> easy)
    {
        var two = Vector.ConditionalSelect(Vector.LessThan(rating, new Vector<double>(1.5)), again, hard);
        var four = Vector.ConditionalSelect(Vector.LessThan(rating, new Vector<double>(3.5)), good, easy);
        return Vector.ConditionalSelect(Vector.LessThan(rating, new Vector<double>(2.5)), two, four);
    }

    private static Vector<double> Clamp(Vector<double> value, double least, double most) => Vector.Min(Vector.Max(value, new Vector<double>(least)), new Vector<double>(most));

    /// <summary>The cards, longest history first, by counting.</summary>
    private static int[] ByLength(ReviewHistories histories)
    {
        var longest = 0;
        for (var card = 0; card < histories.Count; card++)
            longest = Math.Max(longest, histories.Length(card));
        var places = new int[longest + 2];
        for (var card = 0; card < histories.Count; card++)
            places[longest - histories.Length(card) + 1]++;
        for (var i = 1; i < places.Length; i++)
            places[i] += places[i - 1];
        var order = new int[histories.Count];
        for (var card = 0; card < order.Length; card++)
            order[places[longest - histories.Length(card)]++] = card;
        return order;
    }

    /// <summary>The reviews of the cards side by side: those of one step next to each other.</summary>
    private sealed class Scratch
    {
        public double[] Ratings { get; private set; } = [];

        public double[] Days { get; private set; } = [];

        public double[] Lengths { get; } = new double[Lanes];

        public double[] Stability { get; } = new double[Lanes];

        public double[] Difficulty { get; } = new double[Lanes];

        /// <returns>The length of the longest history among them.</returns>
        public int Load(ReviewHistories histories, ReadOnlySpan<int> group)
        {
            // The longest comes first.
            var steps = histories.Length(group[0]);
            if (Ratings.Length < steps * Lanes)
                (Ratings, Days) = (new double[steps * Lanes], new double[steps * Lanes]);
            for (var lane = 0; lane < Lanes; lane++)
            {
                // Places that are left over repeat the last card.
                var card = group[Math.Min(lane, group.Length - 1)];
                var (start, length) = (histories.Starts[card], histories.Length(card));
                Lengths[lane] = length;
                for (var step = 0; step < steps; step++)
                {
                    var ends = step >= length;
                    Ratings[step * Lanes + lane] = ends ? (double)Rating.Good : (double)histories.Ratings[start + step];
                    Days[step * Lanes + lane] = ends ? 1 : histories.ElapsedDays[start + step];
                }
            }

            return steps;
        }
    }

    private readonly struct Constants(FsrsModel model)
    {
        public readonly Vector<double> F = new(Math.Exp(-Math.Log(0.9) / model.Weights.Values[20]) - 1);
        public readonly Vector<double> Decay = new(-model.Weights.Values[20]);
        public readonly Vector<double> W8 = new(model.Weights.Values[8]);
        public readonly Vector<double> W9 = new(model.Weights.Values[9]);
        public readonly Vector<double> W10 = new(model.Weights.Values[10]);
        public readonly Vector<double> W11 = new(model.Weights.Values[11]);
        public readonly Vector<double> W12 = new(model.Weights.Values[12]);
        public readonly Vector<double> W13 = new(model.Weights.Values[13]);
        public readonly Vector<double> W14 = new(model.Weights.Values[14]);
        public readonly Vector<double> Hard = new(model.Weights.Values[15]);
        public readonly Vector<double> Easy = new(model.Weights.Values[16]);
        public readonly Vector<double> LapseShare = new(model.ShortTerm ? Math.Exp(-model.Weights.Values[17] * model.Weights.Values[18]) : 1);
        public readonly Vector<double> W19 = new(Math.Max(model.Weights.Values[19], FsrsModel.MinShortTermDamping));
        public readonly Vector<double> DifficultyStep = new(model.Weights.Values[6] / 9);
        public readonly Vector<double> Keep = new(1 - model.Weights.Values[7]);
        public readonly Vector<double> ReversionTarget = new(model.Weights.Values[7] * FsrsModel.UnclampedFirstDifficulty(model.Weights.Values, 4));
        public readonly Vector<double> First0 = new(model.First(Rating.Again).Stability);
        public readonly Vector<double> First1 = new(model.First(Rating.Hard).Stability);
        public readonly Vector<double> First2 = new(model.First(Rating.Good).Stability);
        public readonly Vector<double> First3 = new(model.First(Rating.Easy).Stability);
        public readonly Vector<double> Difficulty0 = new(model.First(Rating.Again).Difficulty);
        public readonly Vector<double> Difficulty1 = new(model.First(Rating.Hard).Difficulty);
        public readonly Vector<double> Difficulty2 = new(model.First(Rating.Good).Difficulty);
        public readonly Vector<double> Difficulty3 = new(model.First(Rating.Easy).Difficulty);
        public readonly Vector<double> SameDay0 = new(model.Weights.Values[17] * (model.Weights.Values[18] - 2));
        public readonly Vector<double> SameDay1 = new(model.Weights.Values[17] * (model.Weights.Values[18] - 1));
        public readonly Vector<double> SameDay2 = new(model.Weights.Values[17] * model.Weights.Values[18]);
        public readonly Vector<double> SameDay3 = new(model.Weights.Values[17] * (model.Weights.Values[18] + 1));
    }
}
