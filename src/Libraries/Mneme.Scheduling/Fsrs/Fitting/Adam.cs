namespace Mneme.Scheduling.Fsrs.Fitting;

/// <summary>Adam with β 0.9 and 0.999, whose steps shorten along half a cosine.</summary>
internal sealed class Adam
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly double[] _mean = new double[FsrsWeights.Count];
    private readonly double[] _square = new double[FsrsWeights.Count];
    private int _step;

    /// <summary>The length of a step when a share, 0 to 1, of the work is done.</summary>
    public static double Rate(double learningRate, double done) => learningRate * (1 + Math.Cos(Math.PI * done)) / 2;

    public void Step(Span<double> weights, ReadOnlySpan<double> gradient, double rate)
    {
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
