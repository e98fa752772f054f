using System.Reflection;
using System.Text.RegularExpressions;
using Mneme.Ai.Offline;

namespace Mneme.UnitTests.Ai.Offline;

/// <summary>The rules every deck must keep, measured over fifty paragraphs of different subjects and registers.</summary>
public sealed class ParagraphRulesTests
{
    // Kept apart from the lists of the product.
    private static readonly HashSet<string> StopWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "the", "a", "an", "of", "and", "or", "in", "on", "at", "to", "is", "are", "was", "were", "be", "it", "its", "they", "this", "that", "these", "which", "who", "with", "for", "from", "by", "as", "not", "but",
        "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "und", "oder", "aber", "ist", "sind", "war", "waren", "wird", "werden", "er", "sie", "es", "sich", "in", "im", "am", "an", "auf", "aus", "bei", "mit", "nach", "von", "vom", "zu", "zum", "zur", "als", "wie", "nicht", "auch", "man",
    };

    public static TheoryData<string> Names => new(Paragraphs().Keys);

    [Fact]
    public void There_are_fifty_paragraphs_half_of_them_German()
    {
        Paragraphs().Count.ShouldBe(50);
        Paragraphs().Keys.Count(name => name.StartsWith("de-", StringComparison.Ordinal)).ShouldBe(25);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_deck_keeps_every_rule(string name)
    {
        var text = Paragraphs()[name];
        var deck = OfflineCardWriter.Write(text);

        deck.Language.ShouldBe(name[..2]);
        deck.Title.Length.ShouldBeInRange(2, 60);
        text.ShouldContain(deck.Title, Case.Insensitive);
        deck.Cards.Count.ShouldBeLessThanOrEqualTo(5);
        deck.Cards.Select(card => card.Front).ShouldBeUnique();
        deck.Cards.Select(card => card.Source).ShouldBeUnique();
        foreach (var card in deck.Cards)
            Check(card, text);
    }

    [Fact]
    public void At_least_forty_eight_paragraphs_give_three_cards() =>
        Paragraphs().Values.Count(text => OfflineCardWriter.Write(text).Cards.Count >= 3).ShouldBeGreaterThanOrEqualTo(48);

    [Fact]
    public void More_cards_on_request_keep_the_rules_too()
    {
        foreach (var text in Paragraphs().Values)
        {
            var deck = OfflineCardWriter.Write(text, maxCards: 20);
            deck.Cards.Select(card => card.Front).ShouldBeUnique();
            foreach (var card in deck.Cards)
                Check(card, text);
        }
    }

    [Fact]
    public void The_same_text_gives_the_same_deck()
    {
        foreach (var text in Paragraphs().Values)
            OfflineCardWriter.Write(text).Cards.ShouldBe(OfflineCardWriter.Write(text).Cards);
    }

    private static void Check(OfflineCard card, string text)
    {
        var at = text.IndexOf(card.Source, StringComparison.Ordinal);
        at.ShouldBeGreaterThanOrEqualTo(0, card.Source);
        (at == 0 || char.IsWhiteSpace(text[at - 1])).ShouldBeTrue(card.Source);
        (at + card.Source.Length == text.Length || char.IsWhiteSpace(text[at + card.Source.Length])).ShouldBeTrue(card.Source);
        (char.IsUpper(card.Source[0]) || char.IsDigit(card.Source[0])).ShouldBeTrue(card.Source);
        card.Source[^1].ShouldBeOneOf('.', '!', ')', ']', '"', '”', '“');

        card.Source.ShouldContain(card.Back, Case.Sensitive);
        card.Front.ShouldNotContain(card.Back, Case.Insensitive);
        StopWords.Contains(card.Back).ShouldBeFalse(card.Back);
        card.Back.Trim().ShouldBe(card.Back);

        var isCloze = card.Front.Contains(OfflineCardWriter.Blank, StringComparison.Ordinal);
        isCloze.ShouldBe(!card.Front.EndsWith('?'), card.Front);
        Regex.Count(card.Front, "_+", RegexOptions.NonBacktracking).ShouldBeLessThanOrEqualTo(1);
        char.IsLower(card.Front[0]).ShouldBeFalse(card.Front);
        card.Front.ShouldNotContain("  ");
        card.Front.ShouldNotContain(" ,");
    }

    private static Dictionary<string, string> Paragraphs()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith("Paragraphs/", StringComparison.Ordinal)).ToDictionary(name => name["Paragraphs/".Length..], name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return reader.ReadToEnd();
        });
    }
}
