using System.Numerics;

namespace Mneme.UnitTests.Scheduling;

/// <summary>SM-2 written a second time, from the published text and in exact fractions, to compare with.</summary>
internal sealed class RationalSm2
{
    private readonly List<int> _sinceStart = [];
    private BigInteger _interval = BigInteger.Zero;

    /// <summary>EF as a fraction: EF := EF + (0.1 − (5 − q)·(0.08 + (5 − q)·0.02)), kept over a common denominator and never reduced to decimals.</summary>
    public (BigInteger Numerator, BigInteger Denominator) Ease { get; private set; } = (5, 2);

    public BigInteger Interval => _interval;

    public int Repetitions => _sinceStart.Count;

    public void Answer(int quality)
    {
        if (quality < 3)
        {
            _sinceStart.Clear();
            _interval = 1;
            return;
        }

        BigInteger miss = 5 - quality;
        var (n, d) = Ease;
        n = n * 100 + d * (10 - miss * 8 - miss * miss * 2);
        d *= 100;
        if (n * 10 < d * 13)
            (n, d) = (13, 10);
        var divisor = BigInteger.GreatestCommonDivisor(n, d);
        Ease = (n / divisor, d / divisor);
        _sinceStart.Add(quality);
        _interval = _sinceStart.Count switch
        {
            1 => 1,
            2 => 6,
            _ => BigInteger.Min(36_500, CeilingOf(_interval * Ease.Numerator, Ease.Denominator)),
        };
    }

    private static BigInteger CeilingOf(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        return remainder.IsZero ? quotient : quotient + 1;
    }
}
