using Mneme.Ai.Offline;

namespace Mneme.UnitTests.Ai.Offline;

public sealed class OfflineCardWriterTests
{
    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("Hallo!")]
    [InlineData("Osmosis")]
    [InlineData("https://example.org")]
    public void A_text_without_material_gives_no_cards(string text) => OfflineCardWriter.Write(text).Cards.ShouldBeEmpty();

    [Fact]
    public void A_language_that_is_not_supported_gives_no_cards_and_says_which()
    {
        var deck = OfflineCardWriter.Write("La photosynthèse est le processus par lequel les plantes transforment la lumière en énergie.");
        deck.Language.ShouldBe("fr");
        deck.Cards.ShouldBeEmpty();
    }

    [Fact]
    public void The_callers_language_decides_when_the_text_does_not() => OfflineCardWriter.Write("Osmose", "de").Language.ShouldBe("de");

    [Fact]
    public void A_plainly_different_language_wins_over_the_callers() =>
        OfflineCardWriter.Write("The cell is the smallest living unit of all organisms, and it is surrounded by a membrane.", "de").Language.ShouldBe("en");

    [Theory]
    [InlineData("Osmosis in plants\n\nOsmosis is the movement of water through a membrane. Roots take up water in this way.", "Osmosis in plants")]
    [InlineData("Osmosis is the movement of water through a membrane. Osmosis keeps plant cells firm.", "Osmosis")]
    [InlineData("Die Osmose ist die Wanderung von Wasser durch eine Membran. Ohne Osmose welken Pflanzen.", "Osmose")]
    public void The_title_is_the_heading_or_the_main_subject(string text, string expected) => OfflineCardWriter.Write(text).Title.ShouldBe(expected);

    [Fact]
    public void Wrapped_lines_do_not_break_fronts()
    {
        const string Text = "Photosynthesis is the process by which green plants turn\nlight into chemical energy in their leaves.";
        var card = OfflineCardWriter.Write(Text).Cards.ShouldHaveSingleItem();
        card.Source.ShouldBe(Text);
        card.Front.ShouldBe("What is photosynthesis?");
        Text.ShouldContain(card.Back, Case.Sensitive);
    }

    [Fact]
    public void The_number_of_cards_is_kept_between_three_and_twenty()
    {
        var text = string.Join(' ', Enumerable.Range(0, 40).Select(number => $"The town of Kelmar{(char)('a' + (number % 26))}{(char)('a' + (number / 26))}burg had {1000 + (number * 37)} inhabitants after the great flood of the Elbe."));
        OfflineCardWriter.Write(text, "en", 1).Cards.Count.ShouldBe(3);
        OfflineCardWriter.Write(text, "en", 100).Cards.Count.ShouldBe(20);
    }

    [Fact]
    public void A_long_text_is_covered_from_beginning_to_end()
    {
        var text = string.Join("\n\n", Enumerable.Range(0, 30).Select(number => $"The Quarnex{(char)('a' + number % 26)}{number} is an instrument that records the vibration of zorg{number} bridges. Nobody had expected that."));
        var positions = OfflineCardWriter.Write(text, "en", 6).Cards.Select(card => text.IndexOf(card.Source, StringComparison.Ordinal) / (double)text.Length).ToList();
        positions.ShouldContain(position => position < 0.34);
        positions.ShouldContain(position => position > 0.34 && position < 0.67);
        positions.ShouldContain(position => position > 0.67);
    }

    [Theory]
    [InlineData("Wasser", "Der Wasserstoff ist leicht, und _____ ist schwer.", "de")]
    [InlineData("Zelle", "Alle Zellen teilen sich, wenn eine _____ reif ist.", "de")]
    [InlineData("Haus", "Viele Häuser stehen neben dem _____.", "de")]
    [InlineData("membrane", "Membranes differ, but a _____ is thin.", "en")]
    [InlineData("1648", "In 1648 and after, _____ was a turning point.", "en")]
    public void An_answer_that_can_be_read_off_the_front_is_found(string back, string front, string language) => FrontCheck.ShowsAnswer(front, back, language).ShouldBeTrue();

    [Theory]
    [InlineData("ion", "The function of an _____ differs.", "en")]
    [InlineData("Osmose", "Die _____ bewegt Wasser durch die Membran.", "de")]
    [InlineData("1648", "In 1649 and after, _____ was forgotten.", "en")]
    public void An_answer_that_does_not_stand_there_is_not(string back, string front, string language) => FrontCheck.ShowsAnswer(front, back, language).ShouldBeFalse();
}
