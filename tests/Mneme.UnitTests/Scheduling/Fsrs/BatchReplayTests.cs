using Mneme.Scheduling.Fsrs;

namespace Mneme.UnitTests.Scheduling.Fsrs;

public sealed class BatchReplayTests
{
    [Theory]
    [InlineData(1, true, 1)]
    [InlineData(3, false, 1)]
    [InlineData(9_001, true, 2)]
    [InlineData(4_100, false, 2)]
    public void A_batch_gives_what_each_history_gives_alone(int cards, bool shortTerm, int cores)
    {
        var random = new Random(cards);
        foreach (var weights in new[] { FsrsWeights.Default, RandomHistories.Weights(random) })
        {
            var model = new FsrsModel(weights, shortTerm);
            var histories = Enumerable.Range(0, cards).Select(_ => RandomHistories.History(random, 24)).ToList();
            var (ratings, days) = (histories.ConvertAll(history => history.Ratings), histories.ConvertAll(history => history.Days));
            ratings[0] = [];
            days[0] = [];
            var states = new MemoryState[cards];
            new BatchReplay(model).Run(Histories(ratings, days), states, cores);
            states[0].ShouldBe(default);
            foreach (var card in Enumerable.Range(1, cards - 1))
            {
                var alone = model.Replay(ratings[card], days[card]);
                states[card].Stability.ShouldBe(alone.Stability, alone.Stability * 1e-10);
                states[card].Difficulty.ShouldBe(alone.Difficulty, 1e-12);
            }
        }
    }

    [Fact]
    public void Histories_that_cannot_be_are_refused()
    {
        Should.Throw<ArgumentException>(() => new ReviewHistories([], [], []));
        Should.Throw<ArgumentException>(() => new ReviewHistories([0, 2], [Rating.Good], [0]));
        Should.Throw<ArgumentException>(() => new ReviewHistories([0, 2, 1, 3], [Rating.Good, Rating.Good, Rating.Good], [0, 0, 0]));
        Should.Throw<ArgumentException>(() => new ReviewHistories([0, 1], [(Rating)9], [0]));
        Should.Throw<ArgumentException>(() => new ReviewHistories([0, 1], [Rating.Good], [-1]));
        Should.Throw<ArgumentException>(() => new BatchReplay(new FsrsModel(FsrsWeights.Default)).Run(new ReviewHistories([0, 1], [Rating.Good], [0]), []));
    }

    private static ReviewHistories Histories(List<Rating[]> ratings, List<int[]> days)
    {
        var starts = new int[ratings.Count + 1];
        for (var i = 0; i < ratings.Count; i++)
            starts[i + 1] = starts[i] + ratings[i].Length;
        return new ReviewHistories(starts, [.. ratings.SelectMany(r => r)], [.. days.SelectMany(d => d)]);
    }
}
