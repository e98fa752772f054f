using Mneme.Platform;

namespace Mneme.UnitTests.Platform;

public sealed class TextTests
{
    [Theory]
    [InlineData("", 3, "")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("ab🦊", 3, "ab")]
    [InlineData("ab🦊", 4, "ab🦊")]
    [InlineData("🦊", 1, "")]
    public void Text_is_cut_between_characters(string text, int maxLength, string expected) => text.Cut(maxLength).ShouldBe(expected);
}
