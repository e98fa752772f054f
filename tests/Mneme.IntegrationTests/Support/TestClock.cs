namespace Mneme.IntegrationTests.Support;

/// <summary>The present, moved by an offset that tests set. Timers run in real time.</summary>
public sealed class TestClock : TimeProvider
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

    /// <summary>Moves to an instant; from there the clock goes on.</summary>
    public void MoveTo(DateTimeOffset instant) => Interlocked.Exchange(ref _offset, (instant - System.GetUtcNow()).Ticks);
}
