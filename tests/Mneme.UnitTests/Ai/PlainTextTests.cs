using Mneme.Ai.Domain;

namespace Mneme.UnitTests.Ai;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("  a \t b\r\n c ", "a b c")]
    [InlineData("a\u0000\u0007\u001bb", "ab")]
    [InlineData("a\u202Egnp.exe", "agnp.exe")]
    [InlineData("a\u200Bb\uFEFFc\u2066d", "abcd")]
    [InlineData("cafe\u0301", "café")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")]
    [InlineData("👩\u200D🔬 ok", "👩\u200D🔬 ok")]
    [InlineData("x < y && y > z", "x < y && y > z")]
    public void A_line_keeps_what_is_seen_and_loses_what_deceives(string text, string line) => PlainText.Line(text).ShouldBe(line);

    [Fact]
    public void Halves_of_surrogate_pairs_are_dropped() => PlainText.Line("a" + (char)0xD83D + "b").ShouldBe("ab");

    [Theory]
    [InlineData("one two three four", 12, "one two…")]
    [InlineData("abcdefghijklmnop", 5, "abcd…")]
    [InlineData("abc", 3, "abc")]
    public void A_long_line_is_cut_between_words(string text, int max, string line) => PlainText.Line(text, max).ShouldBe(line);

    [Fact]
    public void A_cut_does_not_halve_a_character()
    {
        var line = PlainText.Line("ab😀😀😀", 4);

        line.Length.ShouldBeLessThanOrEqualTo(4);
        line.ShouldBe("ab…");
    }
}
