namespace Mneme.Platform.Messaging;

/// <summary>Exponential backoff with jitter.</summary>
public static class Backoff
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <param name="attempts">How often it has failed, from 1.</param>
    /// <param name="first">Delay after the first failure; it grows fivefold with each further one, to ten minutes.</param>
    /// <returns>A delay between 80 % and 120 % of the nominal one, so that many failures at once do not come back at once.</returns>
    public static TimeSpan Delay(int attempts, TimeSpan first)
    {
        // In seconds: after some twenty attempts the product is longer than a TimeSpan can be.
        var nominal = first.TotalSeconds * Math.Pow(5, Math.Max(0, attempts - 1));
        return TimeSpan.FromSeconds(Math.Min(nominal, Longest.TotalSeconds)) * (0.8 + Random.Shared.NextDouble() * 0.4);
    }
}
