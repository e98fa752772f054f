using Mneme.Language;

namespace Mneme.UnitTests.Language;

public sealed class SentenceSplitterTests
{
    [Theory]
    [InlineData("Das gilt z. B. für Äpfel. Birnen sind anders.", 2)]
    [InlineData("Das gilt z.B. für Äpfel, d. h. für Obst. Birnen sind anders.", 2)]
    [InlineData("Dr. Müller kam am 3. Mai. Es war kalt.", 2)]
    [InlineData("Im 19. Jahrhundert wuchs die Stadt. Danach nicht mehr.", 2)]
    [InlineData("Friedrich II. von Preußen spielte Flöte. Er starb 1786. Sein Neffe folgte ihm.", 3)]
    [InlineData("Es waren Hunde, Katzen usw. im Haus. Niemand störte sich daran.", 2)]
    [InlineData("Cäsar starb 44 v. Chr. in Rom. Brutus floh.", 2)]
    [InlineData("Der Wert stieg um 3,5 Prozent auf 1.200 Euro. Danach fiel er.", 2)]
    [InlineData("„Halt!“, rief er. Niemand hörte ihn.", 2)]
    [InlineData("Sie zögerte … dann ging sie. Er blieb.", 2)]
    [InlineData("J. S. Bach lebte in Leipzig. Dort starb er.", 2)]
    [InlineData("Sie wohnt in der Lindenstr. 5 und arbeitet dort. Er auch.", 2)]
    public void German_text_splits_where_sentences_end(string text, int expected) =>
        Split(text, "de").Count.ShouldBe(expected, string.Join(" | ", Split(text, "de")));

    [Theory]
    [InlineData("Mr. Smith met Dr. Jones at 5 p.m. on Monday. They talked.", 2)]
    [InlineData("He moved to the U.S. in 1990. She stayed.", 2)]
    [InlineData("He moved to the U.S. The move was hard.", 2)]
    [InlineData("Some fruits, e.g. apples, keep well. Others, i.e. berries, do not.", 2)]
    [InlineData("It costs 3.50 dollars. That is cheap.", 2)]
    [InlineData("See https://example.org/a.b?c=d. It helps.", 2)]
    [InlineData("\"Stop!\" he cried. Nobody heard him.", 2)]
    [InlineData("It failed (see Fig. 3. and 4.) again. We stopped.", 2)]
    [InlineData("Really?! Yes. No...", 3)]
    [InlineData("Apples, pears, etc. are fruit. Carrots are not.", 2)]
    [InlineData("Was the answer no. 5 or no. 6? Nobody knew.", 2)]
    [InlineData("It is so. We know.", 2)]
    public void English_text_splits_where_sentences_end(string text, int expected) =>
        Split(text, "en").Count.ShouldBe(expected, string.Join(" | ", Split(text, "en")));

    [Fact]
    public void A_reference_mark_stays_with_its_sentence() =>
        Split("Water boils at 100 °C.[3] Ice melts at zero.[4][5] Done.", "en").ShouldBe(["Water boils at 100 °C.[3]", "Ice melts at zero.[4][5]", "Done."]);

    [Fact]
    public void Headings_and_list_items_are_kept_apart_from_prose()
    {
        const string Text = "# The cell\n\nCells are small. They divide.\n\n- membrane\n- The nucleus holds DNA.\n3) Count them.";
        var sentences = SentenceSplitter.Split(Text, "en");
        sentences.Select(sentence => (sentence.In(Text), sentence.Kind)).ShouldBe(
        [
            ("The cell", SentenceKind.Fragment),
            ("Cells are small.", SentenceKind.Sentence),
            ("They divide.", SentenceKind.Sentence),
            ("membrane", SentenceKind.Fragment),
            ("The nucleus holds DNA.", SentenceKind.ListItem),
            ("Count them.", SentenceKind.ListItem),
        ]);
    }

    [Fact]
    public void Wrapped_lines_belong_to_one_sentence()
    {
        const string Text = "Photosynthesis is the process by which green plants turn\nlight into chemical energy. It takes place in the leaves\nof the plant.";
        Split(Text, "en").ShouldBe(["Photosynthesis is the process by which green plants turn\nlight into chemical energy.", "It takes place in the leaves\nof the plant."]);
    }

    [Fact]
    public void A_heading_line_above_a_paragraph_is_no_part_of_its_first_sentence()
    {
        const string Text = "Die Zelle\nZellen sind die kleinsten lebenden Einheiten aller Organismen, die wir heute kennen.";
        Split(Text, "de").ShouldBe(["Die Zelle", "Zellen sind die kleinsten lebenden Einheiten aller Organismen, die wir heute kennen."]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n\n\t ")]
    public void Nothing_gives_no_sentences(string text) => SentenceSplitter.Split(text, "en").ShouldBeEmpty();

    private static List<string> Split(string text, string language) =>
        SentenceSplitter.Split(text, language).Select(sentence => sentence.In(text)).ToList();
}
