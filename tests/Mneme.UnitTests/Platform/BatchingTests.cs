using Mneme.Platform.Messaging;

namespace Mneme.UnitTests.Platform;

public sealed class BatchingTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("1 2 3", "1 2 3")]
    [InlineData("1 1 1 1 1 1 1", "1 1 1 1 | 1 1 1")]
    [InlineData("5 5 1", "5 5 | 1")]
    [InlineData("9 2 1", "9 | 2 1")]
    [InlineData("1 30 1", "1 | 30 | 1")]
    [InlineData("30", "30")]
    public void Items_stay_in_order_and_as_many_together_as_both_limits_allow(string sizes, string batches)
    {
        var items = sizes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);

        string.Join(" | ", items.InBatches(maxCount: 4, maxSize: 10, item => item).Select(batch => string.Join(' ', batch))).ShouldBe(batches);
    }
}
