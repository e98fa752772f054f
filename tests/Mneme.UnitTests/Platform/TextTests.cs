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

    [Theory]
    [InlineData("  a\r\nb\rc\u2028d\te\0 ", "a\nb\nc\nd\te")]
    [InlineData("\uFEFFa\u0007", "a")]
    [InlineData(" \u0000 ", "")]
    public void Cleaning_keeps_lines_and_tabs_and_drops_what_is_no_text(string given, string clean) => Text.Clean(given).ShouldBe(clean);

    [Fact]
    public void Cleaning_drops_halves_of_surrogate_pairs() => Text.Clean("a" + (char)0xD83E + "b🦊" + (char)0xDD8A).ShouldBe("ab🦊");

    [Theory]
    [InlineData(" a \n\t b ", "a b")]
    [InlineData("", null)]
    [InlineData(" \u0007\n", null)]
    [InlineData(null, null)]
    public void A_line_has_single_spaces_and_something_to_see(string? given, string? line) => Text.OneLine(given).ShouldBe(line);
}
