namespace Mneme.Progress.Domain;

/// <summary>Calendars of time zones.</summary>
internal static class LocalTime
{
    /// <summary>The zone of an IANA name; UTC for a name that this machine does not know.</summary>
    public static TimeZoneInfo Zone(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;

    public static DateTime In(this DateTimeOffset instant, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(instant, zone).DateTime;

    public static DateOnly DateIn(this DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(instant.In(zone));

    /// <summary>The instant at which a date begins; where clocks skip midnight, the instant of the change; where they show it twice, the first.</summary>
    public static DateTimeOffset StartOf(DateOnly date, TimeZoneInfo zone)
    {
        var midnight = date.ToDateTime(TimeOnly.MinValue);
        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight - offset, TimeSpan.Zero);
    }
}
