using Mneme.Scheduling.Fsrs.Fitting;

namespace Mneme.Scheduling.Fsrs.Simulation;

/// <summary>A learner whose memory follows FSRS-6 with known weights exactly: what a fit should find again, and what measurements can be repeated with.</summary>
public sealed record SimulatedLearner
{
    private const long DayMilliseconds = 24 * 60 * 60 * 1000;

    /// <summary>The weights of the learner's memory.</summary>
    public FsrsWeights Weights { get; init; } = FsrsWeights.Default;

    /// <summary>How many cards there are, each begun on a random day.</summary>
    public int Cards { get; init; } = 1_000;

    /// <summary>Days that the learner learns, at least 1.</summary>
    public int Days { get; init; } = 365;

    /// <summary>Retention at which reviews are due, about which their days are spread.</summary>
    public double Retention { get; init; } = 0.9;

    /// <summary>The same seed gives the same reviews.</summary>
    public int Seed { get; init; } = 1;

    /// <returns>The reviews, card by card.</returns>
    public List<LoggedReview> Reviews()
    {
        var (model, random, reviews) = (new FsrsModel(Weights), new Random(Seed), new List<LoggedReview>());
        for (var card = 0; card < Cards; card++)
        {
            var day = random.Next(Days);
            var rating = First(random);
            var memory = model.First(rating);
            var time = day * DayMilliseconds + random.Next((int)(DayMilliseconds / 2));
            reviews.Add(new LoggedReview(card, time, rating, 0));
            while (true)
            {
                // What was forgotten, and half of what is new, is seen again on the same day.
                if (rating == Rating.Again || (reviews[^1].ElapsedDays == 0 && rating == Rating.Good && random.Next(2) == 0))
                {
                    rating = random.Next(5) == 0 ? Rating.Again : Rating.Good;
                    memory = model.Next(memory, 0, rating);
                    time += 600_000;
                    reviews.Add(new LoggedReview(card, time, rating, 0));
                    if (rating == Rating.Again && random.Next(3) > 0)
                        continue;
                }

                var spread = Math.Exp((random.NextDouble() + random.NextDouble() - 1) * 1.2);
                var gap = (int)Math.Clamp(Math.Round(model.Interval(memory.Stability, Retention) * spread), 1, Days);
                day += gap;
                if (day >= Days)
                    break;
                rating = random.NextDouble() >= model.Retrievability(gap, memory.Stability) ? Rating.Again : Remembered(random);
                memory = model.Next(memory, gap, rating);
                time = day * DayMilliseconds + random.Next((int)(DayMilliseconds / 2));
                reviews.Add(new LoggedReview(card, time, rating, gap));
            }
        }

        return reviews;
    }

    private static Rating First(Random random) => random.Next(20) switch { < 5 => Rating.Again, < 7 => Rating.Hard, < 17 => Rating.Good, _ => Rating.Easy };

    private static Rating Remembered(Random random) => random.Next(20) switch { < 3 => Rating.Hard, < 18 => Rating.Good, _ => Rating.Easy };
}
