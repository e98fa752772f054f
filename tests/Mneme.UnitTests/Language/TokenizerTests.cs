using Mneme.Language;

namespace Mneme.UnitTests.Language;

public sealed class TokenizerTests
{
    [Theory]
    [InlineData("The cell's well-known wall", "The|cell's|well-known|wall")]
    [InlineData("Er zahlt 1.234,56 € für 3,5 kg.", "Er|zahlt|1.234,56|€|für|3,5|kg|.")]
    [InlineData("Water boils at 100°C (212 °F).", "Water|boils|at|100|°C|(|212|°F|)|.")]
    [InlineData("Mail a.b@example.org, see https://example.org/x?y=1.", "Mail|a.b@example.org|,|see|https://example.org/x?y=1|.")]
    [InlineData("In the U.S. and z.B. hier", "In|the|U.S.|and|z.B.|hier")]
    [InlineData("the 1970s and 16th-century art", "the|1970s|and|16th|-|century|art")]
    [InlineData("Vor- und Nachteile", "Vor|-|und|Nachteile")]
    [InlineData("O’Neill isn't here…", "O’Neill|isn't|here|…")]
    public void Text_is_cut_into_words_numbers_units_and_marks(string text, string expected) =>
        string.Join('|', Tokenizer.Tokenize(text).Select(token => token.Text)).ShouldBe(expected);

    [Fact]
    public void Kinds_tell_what_a_token_is() =>
        Tokenizer.Tokenize("Salt, 5 % www.x.org").Select(token => token.Kind)
            .ShouldBe([TokenKind.Word, TokenKind.Punctuation, TokenKind.Number, TokenKind.Unit, TokenKind.Address]);

    [Fact]
    public void Offsets_point_into_the_text()
    {
        const string Text = "  Die Zelle — 👩‍🔬 — teilt\tsich.";
        foreach (var token in Tokenizer.Tokenize(Text))
            Text.Substring(token.Start, token.Length).ShouldBe(token.Text);
    }
}
