using Mneme.Scheduling.Fsrs;

namespace Mneme.UnitTests.Scheduling.Fsrs;

public sealed class FsrsModelTests
{
    // The published values have eight decimals, those of fsrs-rs are of single precision.
    private const double Eight = 1e-7;
    private const double Single = 1e-5;

    private static readonly FsrsModel Default = new(FsrsWeights.Default);

    [Fact]
    public void The_default_weights_are_the_published_ones() => FsrsWeights.Default.Values.ToArray().ShouldBe(Vectors.Meta.Numbers("default_w_fsrs6"));

    [Fact]
    public void The_first_review_gives_the_published_state()
    {
        var expected = Vectors.Get("first_repeat").GetProperty("by_rating");
        var states = Enum.GetValues<Rating>().Select(Default.First).ToList();
        states.Select(s => s.Stability).ShouldBeWithin(expected.Numbers("stability"), Eight);
        states.Select(s => s.Difficulty).ShouldBeWithin(expected.Numbers("difficulty"), Eight);
    }

    [Theory]
    [InlineData("memory_state_short_term", true)]
    [InlineData("memory_state_long_term", false)]
    public void A_history_gives_the_published_state(string id, bool shortTerm)
    {
        var vector = Vectors.Get(id);
        var memory = new FsrsModel(FsrsWeights.Default, shortTerm).Replay(vector.Ratings("ratings"), vector.Integers("delta_t_days"));
        memory.Stability.ShouldBe(vector.GetProperty("expect").Number("stability"), 53 * Single);
        memory.Difficulty.ShouldBe(vector.GetProperty("expect").Number("difficulty"), 1e-6);
    }

    [Fact]
    public void Weights_of_FSRS_5_give_the_published_states()
    {
        var vector = Vectors.Get("rs_memo_state_19");
        var model = new FsrsModel(FsrsWeights.Create(vector.Numbers("w19")));
        Numbers(model.Replay(vector.Ratings("ratings"), vector.Integers("delta_t_days"))).ShouldBeWithin(Expected(vector), Single);

        var step = Vectors.Get("rs_step_from_state");
        var before = new MemoryState(step.GetProperty("state").Number("stability"), step.GetProperty("state").Number("difficulty"));
        Numbers(model.Next(before, 21, Rating.Good)).ShouldBeWithin(Expected(step), Single);

        var next = Vectors.Get("rs_next_states_19");
        var history = next.GetProperty("history");
        var memory = model.Replay(history.Ratings("ratings"), history.Integers("delta_t_days"));
        foreach (var rating in Enum.GetValues<Rating>())
            Numbers(model.Next(memory, 21, rating)).ShouldBeWithin(next.Numbers(rating.ToString().ToLowerInvariant()), Single);
    }

    [Fact]
    public void Weights_of_FSRS_4_are_carried_over_as_published()
    {
        var vector = Vectors.Get("migrate_17_to_21");
        FsrsWeights.Create(vector.Numbers("in")).Values.ToArray().ShouldBeWithin(vector.Numbers("out"), Single);
    }

    [Fact]
    public void Ten_easy_answers_in_a_row_end_at_the_least_difficulty() =>
        Default.Replay(Enumerable.Repeat(Rating.Easy, 10), Enumerable.Repeat(0, 10)).Difficulty.ShouldBe(1);

    [Theory]
    [InlineData(1, 8.34176237)]
    [InlineData(2, 6.66599536)]
    [InlineData(3, 4.99022837)]
    [InlineData(4, 3.31446137)]
    public void The_difficulty_changes_as_published(int rating, double expected)
    {
        Vectors.Get("next_difficulty_from_5").Numbers("by_rating")[rating - 1].ShouldBe(expected);
        Default.Next(new MemoryState(5, 5), 3, (Rating)rating).Difficulty.ShouldBe(expected, 1e-7);
    }

    [Fact]
    public void The_stability_changes_as_published()
    {
        var vector = Vectors.Get("next_stability_s5");
        var (d, r, ratings) = (vector.Numbers("d"), vector.Numbers("r"), vector.Integers("rating"));
        Enumerable.Range(0, 4).Select(i => Default.Recalled(5, Default.RecallGrowth(5, d[i], r[i]), ratings[i] - 1)).ShouldBeWithin(vector.Numbers("recall"), Eight);
        Enumerable.Range(0, 4).Select(i => Default.Forgotten(5, d[i], r[i])).ShouldBeWithin(vector.Numbers("forget"), Eight);
        Enumerable.Range(0, 4).Select(i => Default.Next(new MemoryState(5, d[i]), 0, (Rating)ratings[i]).Stability).ShouldBeWithin(vector.Numbers("short_term"), Eight);
    }

    [Fact]
    public void The_forgetting_curve_is_the_published_one()
    {
        var atOne = Vectors.Get("forgetting_curve_s1");
        // That test computes in double precision with a decay of single.
        atOne.Numbers("t").Select(t => Default.Retrievability(t, 1)).ShouldBeWithin(atOne.Numbers("expect64"), 1e-8);
        var mixed = Vectors.Get("forgetting_curve_mixed");
        mixed.Numbers("t").Zip(mixed.Numbers("s"), Default.Retrievability).ShouldBeWithin(mixed.Numbers("expect"), Single);
        var other = Vectors.Get("current_retrievability_decay_0.2");
        var weights = FsrsWeights.Default.Values.ToArray();
        weights[20] = 0.2;
        var model = new FsrsModel(FsrsWeights.Create(weights));
        other.Numbers("t").Select(t => model.Retrievability(t, 1)).ShouldBeWithin(other.Numbers("expect"), Single);
        Default.Retrievability(8, 8.2956).ShouldBe(Vectors.Get("retrievability_at_due_after_first_easy").Number("expect"), 1e-7);
        new[] { Default.Retrievability(30, 10), Default.Retrievability(365, 10) }.ShouldBeWithin([0.809388, 0.573559], 1e-6);
    }

    [Fact]
    public void Intervals_follow_the_retention_as_published()
    {
        var vector = Vectors.Get("next_interval_by_retention");
        vector.Numbers("desired_retention").Select(r => Math.Max(1, Fuzz.Whole(Default.Interval(1, r)))).ShouldBe(vector.Integers("expect_f64"));
        new[] { .80, .85, .90, .95, .97, .99 }.Select(r => Fuzz.Whole(Default.Interval(100, r))).ShouldBe([332, 191, 100, 40, 22, 7]);
        Default.Interval(2.5, 0.9).ShouldBe(2.5);
    }

    [Fact]
    public void A_state_from_SM_2_is_the_published_one()
    {
        foreach (var c in Vectors.Get("memory_state_from_sm2").GetProperty("cases").EnumerateArray())
            Numbers(Default.FromSm2(c.Number("ease"), c.Number("interval"), c.Number("sm2_retention"))).ShouldBeWithin([c.Number("stability"), c.Number("difficulty")], Single);
    }

    [Fact]
    public void Weights_are_moved_into_their_bounds_and_counted()
    {
        FsrsWeights.Create(Enumerable.Repeat(1e9, 21).ToArray()).Values.ToArray().ShouldBe(FsrsWeights.Maximum.ToArray());
        FsrsWeights.Create(Enumerable.Repeat(-1e9, 21).ToArray()).Values.ToArray().ShouldBe(FsrsWeights.Minimum.ToArray());
        Should.Throw<ArgumentException>(() => FsrsWeights.Create(new double[20])).Message.ShouldContain("21 weights");
        Should.Throw<ArgumentException>(() => FsrsWeights.Create(Enumerable.Repeat(double.NaN, 21).ToArray())).Message.ShouldContain("Weight 0");
    }

    [Fact]
    public void What_no_review_is_is_refused()
    {
        var state = new MemoryState(5, 5);
        Should.Throw<ArgumentOutOfRangeException>(() => Default.Next(state, -1, Rating.Good));
        Should.Throw<ArgumentOutOfRangeException>(() => Default.Next(state, 1, (Rating)9));
        Should.Throw<ArgumentOutOfRangeException>(() => Default.First((Rating)5));
        foreach (var wrong in (MemoryState[])[new(0, 5), new(5, 0.9), new(40_000, 5), new(5, 11), new(double.NaN, 5), new(5, double.NaN)])
            Should.Throw<ArgumentOutOfRangeException>(() => Default.Next(wrong, 1, Rating.Good));
    }

    private static double[] Numbers(MemoryState memory) => [memory.Stability, memory.Difficulty];

    private static double[] Expected(System.Text.Json.JsonElement vector) => [vector.GetProperty("expect").Number("stability"), vector.GetProperty("expect").Number("difficulty")];
}
