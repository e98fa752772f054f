using Mneme.Platform.Messaging;

namespace Mneme.UnitTests.Platform;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 10)]
    [InlineData(3, 50)]
    [InlineData(4, 250)]
    [InlineData(5, 600)]
    [InlineData(17, 600)]
    [InlineData(1000, 600)]
    public void Delays_grow_fivefold_up_to_ten_minutes_however_many_attempts_there_were(int attempts, int seconds) =>
        Backoff.Delay(attempts, TimeSpan.FromSeconds(2)).TotalSeconds.ShouldBeInRange(seconds * 0.8, seconds * 1.2);
}
