namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>Adam with β 0.9 and 0.999, whose steps shorten along half a cosine.</summary>
internal sealed class Adam(double learningRate, int steps)
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly double[] _mean = new double[FsrsWeights.Count];
    private readonly double[] _square = new double[FsrsWeights.Count];
    private int _step;

    /// <summary>The length of a step, counted from 0.</summary>
    public static double Rate(double learningRate, int step, int steps) => learningRate * (1 + Math.Cos(Math.PI * step / steps)) / 2;

    public void Step(Span<double> weights, ReadOnlySpan<double> gradient)
    {
        // Whole cards make some batches larger, so that there can be fewer steps than planned, never many more.
        var rate = Rate(learningRate, Math.Min(_step, steps), steps);
        _step++;
        var (correct1, correct2) = (1 - Math.Pow(Beta1, _step), 1 - Math.Pow(Beta2, _step));
        for (var i = 0; i < weights.Length; i++)
        {
            _mean[i] = Beta1 * _mean[i] + (1 - Beta1) * gradient[i];
            _square[i] = Beta2 * _square[i] + (1 - Beta2) * gradient[i] * gradient[i];
            weights[i] -= rate * (_mean[i] / correct1) / (Math.Sqrt(_square[i] / correct2) + Epsilon);
        }
    }
}
