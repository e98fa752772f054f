using System.Globalization;

namespace Mneme.Bench;

/// <summary>Latencies of a run, in milliseconds, and how many requests were answered with success.</summary>
internal sealed class Measured
{
    private readonly List<double> _latencies = [];
    private readonly Lock _lock = new();

    public long Succeeded { get; private set; }

    public long Failed { get; private set; }

    public double Seconds { get; private set; }

    public double Rate => Succeeded / Seconds;

    public double P50 => Percentile(0.5);

    public double P99 => Percentile(0.99);

    public void Add(IReadOnlyCollection<double> latencies, long failed)
    {
        lock (_lock)
        {
            _latencies.AddRange(latencies);
            Succeeded += latencies.Count;
            Failed += failed;
        }
    }

    public void AddTime(TimeSpan time) => Seconds += time.TotalSeconds;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Rate,8:0}/s   p50 {P50,6:0.00} ms   p99 {P99,6:0.00} ms   {Failed} failed");

    private double Percentile(double share)
    {
        if (_latencies.Count == 0)
            return double.NaN;
        _latencies.Sort();
        return _latencies[Math.Min(_latencies.Count - 1, (int)Math.Ceiling(_latencies.Count * share) - 1)];
    }
}
