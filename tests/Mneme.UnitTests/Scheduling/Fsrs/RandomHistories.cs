using Mneme.Scheduling.Fsrs;

namespace Mneme.UnitTests.Scheduling.Fsrs;

/// <summary>Random weights and histories, by seed.</summary>
internal static class RandomHistories
{
    public static FsrsWeights Weights(Random random)
    {
        var weights = new double[FsrsWeights.Count];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = FsrsWeights.Minimum[i] + random.NextDouble() * (FsrsWeights.Maximum[i] - FsrsWeights.Minimum[i]);
        return FsrsWeights.Create(weights);
    }

    /// <summary>Mostly remembered, with gaps from none to years, as real logs have them.</summary>
    public static (Rating[] Ratings, int[] Days) History(Random random, int longest)
    {
        var length = random.Next(1, longest + 1);
        var (ratings, days) = (new Rating[length], new int[length]);
        for (var i = 0; i < length; i++)
        {
            ratings[i] = random.Next(10) switch { < 2 => Rating.Again, < 3 => Rating.Hard, < 8 => Rating.Good, _ => Rating.Easy };
            days[i] = i == 0 || random.Next(4) == 0 ? 0 : (int)Math.Pow(10, random.NextDouble() * 3.3);
        }

        return (ratings, days);
    }
}
