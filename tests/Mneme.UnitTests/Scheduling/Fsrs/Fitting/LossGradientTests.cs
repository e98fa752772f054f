using System.Text.Json;
using Mneme.Scheduling.Fsrs;
using Mneme.Scheduling.Fsrs.Fitting;

namespace Mneme.UnitTests.Scheduling.Fsrs.Fitting;

public sealed class LossGradientTests
{
    [Fact]
    public void Loss_derivatives_penalty_and_two_steps_are_the_published_ones()
    {
        var vector = Vectors.Get("gradient_batch1");
        var (weights, start) = (FsrsWeights.Default.Values.ToArray(), FsrsWeights.Default.Values.ToArray());
        var adam = new Adam();
        var first = Batch(weights, vector);
        first.Loss.ShouldBe(vector.Number("loss_sum"), 1e-4);
        ShouldBeNear(first.Gradient, vector.Numbers("grad"), 1e-4);

        Step(adam, weights, first.Gradient);
        ShouldBeNear(weights, vector.Numbers("w_after_step1_clipped"), 1e-4);
        var l2 = vector.GetProperty("l2_penalty");
        var gradient = new double[21];
        FsrsOptimizer.Penalty(weights, start, l2.Number("gamma") * l2.Number("batch_size") / l2.Number("total_size"), gradient).ShouldBe(l2.Number("value"), 1e-4);
        ShouldBeNear(gradient, l2.Numbers("grad"), 1e-4);

        var second = Batch(weights, vector);
        var expected = vector.GetProperty("step2");
        second.Loss.ShouldBe(expected.Number("loss_sum"), 1e-4);
        ShouldBeNear(second.Gradient, expected.Numbers("grad"), 1e-4);
        Step(adam, weights, second.Gradient);
        ShouldBeNear(weights, expected.Numbers("w_after_clipped"), 1e-4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Derivatives_agree_with_differences(bool shortTerm)
    {
        var random = new Random(7);
        var loss = new LossGradient(shortTerm);
        var checkedDerivatives = 0;
        for (var round = 0; round < 60; round++)
        {
            var weights = Inner(random, round % 3 == 0);
            var (ratings, days) = RandomHistories.History(random, 20);
            var counts = days.Select((day, i) => i > 0 && day > 0 ? (float)(0.25 + random.NextDouble()) : 0).ToArray();
            loss.Use(weights);
            loss.Clear();
            var value = loss.Add(ratings, days, counts);
            value.ShouldBe(Independent(weights, ratings, days, counts, shortTerm), 1e-9 * (1 + value));
            var gradient = loss.Gradient.ToArray();
            for (var i = 0; i < weights.Length; i++)
            {
                var step = 1e-6 * Math.Max(Math.Abs(weights[i]), 0.01);
                double At(double change)
                {
                    var moved = weights.ToArray();
                    moved[i] += change;
                    return Independent(moved, ratings, days, counts, shortTerm);
                }

                var difference = (At(step) - At(-step)) / (2 * step);
                gradient[i].ShouldBe(difference, 1e-5 * (1 + Math.Abs(difference) + value / Math.Max(Math.Abs(weights[i]), 0.01) * 0.01), $"w{i} in round {round}");
                checkedDerivatives += gradient[i] != 0 ? 1 : 0;
            }
        }

        checkedDerivatives.ShouldBeGreaterThan(500);
    }

    /// <summary>The loss by the model itself, review by review.</summary>
    private static double Independent(double[] weights, Rating[] ratings, int[] days, float[] counts, bool shortTerm)
    {
        var model = new FsrsModel(FsrsWeights.Create(weights), shortTerm);
        var memory = model.First(ratings[0]);
        var loss = 0.0;
        for (var i = 1; i < ratings.Length; i++)
        {
            var r = model.Retrievability(days[i], memory.Stability);
            if (counts[i] > 0)
                loss -= counts[i] * Math.Log(ratings[i] > Rating.Again ? r : 1 - r);
            memory = model.Next(memory, days[i], ratings[i]);
        }

        return loss;
    }

    /// <summary>Weights away from their bounds, where the model clamps and has no derivative.</summary>
    private static double[] Inner(Random random, bool isDefault)
    {
        var weights = isDefault ? FsrsWeights.Default.Values.ToArray() : RandomHistories.Weights(random).Values.ToArray();
        for (var i = 0; i < weights.Length; i++)
        {
            var room = (FsrsWeights.Maximum[i] - FsrsWeights.Minimum[i]) * 0.01;
            weights[i] = Math.Clamp(weights[i], FsrsWeights.Minimum[i] + room, FsrsWeights.Maximum[i] - room);
        }

        weights[19] = Math.Max(weights[19], 0.02);
        return weights;
    }

    private static (double Loss, double[] Gradient) Batch(double[] weights, JsonElement vector)
    {
        var (t, r) = (vector.GetProperty("t_history"), vector.GetProperty("r_history"));
        var loss = new LossGradient(shortTerm: true);
        loss.Use(weights);
        var sum = 0.0;
        for (var card = 0; card < 4; card++)
        {
            var steps = t.GetArrayLength();
            Rating[] ratings = [.. Enumerable.Range(0, steps).Select(i => (Rating)r[i][card].GetInt32()), vector.Integers("label")[card] == 1 ? Rating.Good : Rating.Again];
            int[] days = [.. Enumerable.Range(0, steps).Select(i => t[i][card].GetInt32()), vector.Integers("delta_t")[card]];
            var counts = new float[steps + 1];
            counts[steps] = (float)vector.Numbers("weights")[card];
            sum += loss.Add(ratings, days, counts);
        }

        return (sum, loss.Gradient.ToArray());
    }

    private static void Step(Adam adam, double[] weights, double[] gradient)
    {
        adam.Step(weights, gradient, 0.04);
        FsrsWeights.Create(weights).Values.CopyTo(weights);
    }

    private static void ShouldBeNear(double[] actual, double[] expected, double tolerance)
    {
        actual.Length.ShouldBe(expected.Length);
        for (var i = 0; i < actual.Length; i++)
            actual[i].ShouldBe(expected[i], tolerance, $"w{i}");
    }
}
