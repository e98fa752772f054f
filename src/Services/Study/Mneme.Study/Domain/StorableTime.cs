namespace Mneme.Study.Domain;

internal static class StorableTime
{
    /// <summary>The present in whole microseconds, which is what PostgreSQL keeps: what is answered now equals what is read later.</summary>
    public static DateTimeOffset Now(this TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
