using Mneme.Study.Domain;

namespace Mneme.UnitTests.Study;

public sealed class TextAndTagTests
{
    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("exactly", 7, "exactly")]
    [InlineData("too long", 3, "too")]
    [InlineData("ab😀", 3, "ab")]
    [InlineData("ab😀", 4, "ab😀")]
    public void A_text_is_cut_without_halving_a_character(string text, int length, string expected) => Text.Clip(text, length).ShouldBe(expected);

    [Fact]
    public void Tags_are_trimmed_and_kept_once_in_their_order() => TagList.Of([" b ", "a", "b"]).ShouldBe(["b", "a"]);

    [Fact]
    public void Tags_from_elsewhere_are_cut_to_what_fits()
    {
        var tags = TagList.Fitting(["", "  ", new string('x', 60), .. Enumerable.Range(0, 30).Select(i => $"t{i}")]);
        tags.Length.ShouldBe(20);
        tags[0].ShouldBe(new string('x', 50));
    }
}
