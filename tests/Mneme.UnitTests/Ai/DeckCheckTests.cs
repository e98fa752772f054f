using System.Text.Json;
using Mneme.Ai.Domain;
using Mneme.Contracts.Ai;

namespace Mneme.UnitTests.Ai;

public sealed class DeckCheckTests
{
    private const string Text = """
        The Moon orbits the Earth once in 27.3 days. Its “far side” was first seen
        in 1959 – by the probe Luna 3. Tides are caused by the Moon’s gravity. See https://moon.example/tides for more.
        """;

    private static readonly (string Front, string Back, string Source)[] Good =
    [
        ("How long does the Moon take to orbit the Earth?", "27.3 days", "The Moon orbits the Earth once in 27.3 days."),
        ("Which probe first saw the far side of the Moon?", "Luna 3", "Its \"far side\" was first seen in 1959 - by the probe Luna 3."),
        ("What causes the tides?", "The Moon's gravity", "Tides are caused by the Moon's gravity."),
    ];

    [Fact]
    public void A_source_is_given_in_the_texts_own_words_and_signs()
    {
        var deck = Check(Good);

        deck.Errors.ShouldBeEmpty();
        deck.Cards.Select(card => card.Source).ShouldBe([
            "The Moon orbits the Earth once in 27.3 days.",
            "Its “far side” was first seen in 1959 – by the probe Luna 3.",
            "Tides are caused by the Moon’s gravity."]);
    }

    [Fact]
    public void A_part_of_a_sentence_is_given_as_the_whole_sentence() =>
        Check([Good[0], Good[1], Good[2] with { Source = "caused by the Moon’s gravity" }]).Cards[2].Source.ShouldBe("Tides are caused by the Moon’s gravity.");

    [Theory]
    [InlineData("Tides are caused by the gravity of the Moon.")]
    [InlineData("the")]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("Jupiter has 95 moons.")]
    public void A_source_that_is_not_in_the_text_costs_the_card(string source)
    {
        var deck = Check([Good[0], Good[1], Good[2] with { Source = source }]);

        deck.IsAccepted.ShouldBeFalse();
        deck.Errors.ShouldContain("cards[2]: source is not word for word in the text.");
    }

    [Theory]
    [InlineData("The probe Luna 3 saw what?", "Luna 3", true)]
    [InlineData("Which probe was LUNA 3?", "luna 3.", true)]
    [InlineData("What is a lunation?", "Luna", false)]
    [InlineData("Which day is the 13th?", "3", false)]
    [InlineData("Is it 3?", "3", true)]
    [InlineData("月は何ですか", "月", true)]
    public void An_answer_must_not_stand_on_the_front(string front, string back, bool shows) => DeckCheck.ShowsAnswer(front, back).ShouldBe(shows);

    [Fact]
    public void Flawed_cards_are_dropped_when_enough_are_left()
    {
        var deck = Check([.. Good, ("", "x", Good[0].Source), ("Luna 3?", "Luna 3", Good[1].Source), (Good[0].Front.ToUpperInvariant(), "27 days", Good[0].Source)]);

        deck.IsAccepted.ShouldBeTrue();
        deck.Cards.Select(card => card.Front).ShouldBe(Good.Select(card => card.Front));
    }

    [Fact]
    public void The_same_front_twice_is_one_card()
    {
        var deck = Check([Good[0], Good[1], (Good[1].Front, "The probe", Good[2].Source)]);

        deck.Errors.ShouldContain("cards[2]: front is the same as another card's.");
    }

    [Fact]
    public void More_cards_than_ordered_are_left_out()
    {
        var many = Enumerable.Range(0, 30).Select(i => ($"Question {i}?", $"Answer number {i} is this", Good[0].Source)).ToArray();

        Check(many, most: 5).Cards.Count.ShouldBe(5);
    }

    [Fact]
    public void Too_few_cards_are_refused() =>
        Check([Good[0], Good[1]]).Errors.ShouldHaveSingleItem().ShouldBe("2 usable cards are too few: at least 3 are needed.");

    [Theory]
    [InlineData("![x](https://evil.example/?q=secret)")]
    [InlineData("See http://evil.example")]
    [InlineData("Click javascript:alert(1)")]
    [InlineData("Go to www.evil.example now")]
    public void A_link_that_the_text_does_not_have_costs_the_card(string back) =>
        Check([Good[0], Good[1], Good[2] with { Back = back }]).Errors.ShouldContain("cards[2]: there is a link that is not in the text.");

    [Fact]
    public void A_link_of_the_text_may_stay() =>
        Check([Good[0], Good[1], Good[2] with { Back = "It is at https://moon.example/tides." }]).IsAccepted.ShouldBeTrue();

    [Fact]
    public void Lengths_are_limited()
    {
        Check([Good[0], Good[1], Good[2] with { Front = new string('x', DeckCheck.MaxFront + 1) }]).IsAccepted.ShouldBeFalse();
        Check([Good[0], Good[1], Good[2] with { Back = new string('x', DeckCheck.MaxBack + 1) }]).IsAccepted.ShouldBeFalse();
        Check(Good, title: string.Join(' ', Enumerable.Repeat("moon", 100))).Title.Length.ShouldBeLessThanOrEqualTo(DeckCheck.MaxTitle);
        Check(Good, title: " \u202E ").Errors.ShouldContain("title is empty.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no")]
    [InlineData("}{")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"title\": \"x\"}")]
    [InlineData("{\"title\": \"x\", \"language\": \"en\", \"cards\": null}")]
    [InlineData("{\"title\": \"x\", \"language\": \"en\", \"cards\": [null]}")]
    [InlineData("{\"title\": \"x\", \"title\": \"y\", \"language\": \"en\", \"cards\": []}")]
    [InlineData("{\"title\": \"a\\u0000b\", \"language\": \"en\", \"cards\": []}")]
    [InlineData("{\"title\": \"\\ud800\", \"language\": \"en\", \"cards\": []}")]
    public void Whatever_is_not_of_the_form_is_refused_with_a_reason(string answer)
    {
        var deck = DeckCheck.Check(answer, Order());

        deck.IsAccepted.ShouldBeFalse();
        deck.Errors.ShouldNotBeEmpty();
        deck.Cards.ShouldBeEmpty();
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        DeckCheck.Check("{\"x\": " + new string('[', 5000) + new string(']', 5000) + "}", Order()).IsAccepted.ShouldBeFalse();

    [Theory]
    [InlineData("en", "en")]
    [InlineData("pt-BR", "pt-BR")]
    [InlineData("English, of course", "de")]
    public void A_language_is_a_tag_or_the_callers(string said, string kept) => Check(Good, language: said).Language.ShouldBe(kept);

    [Fact]
    public void A_short_text_needs_one_card_and_a_longer_one_three()
    {
        FlashcardOrder.Of(new GenerateFlashcards(Guid.Empty, "k", "Short.", null, null, null)).ShouldSatisfyAllConditions(o => o.Fewest.ShouldBe(1), o => o.Most.ShouldBe(5));
        FlashcardOrder.Of(new GenerateFlashcards(Guid.Empty, "k", new string('x', 300), null, null, 20)).ShouldSatisfyAllConditions(o => o.Fewest.ShouldBe(3), o => o.Most.ShouldBe(20));
    }

    private static FlashcardOrder Order(int most = 5) => new(Guid.Empty, Text, "de", null, 3, most);

    private static CheckedDeck Check((string Front, string Back, string Source)[] cards, int most = 5, string title = "The Moon", string language = "en") => DeckCheck.Check(
        JsonSerializer.Serialize(new { title, language, cards = cards.Select(card => new { front = card.Front, back = card.Back, source = card.Source }) }), Order(most));
}
