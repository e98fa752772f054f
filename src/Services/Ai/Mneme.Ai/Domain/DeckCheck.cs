using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mneme.Contracts.Ai;
using Mneme.Platform;

namespace Mneme.Ai.Domain;

/// <summary>A model's answer after it was checked like any input: a deck that may be kept, or what is wrong with it, in words for the model.</summary>
internal sealed record CheckedDeck(string Title, string Language, IReadOnlyList<GeneratedFlashcard> Cards, IReadOnlyList<string> Errors)
{
    public bool IsAccepted => Errors.Count == 0;

    public static CheckedDeck Refused(params IReadOnlyList<string> errors) => new("", "", [], errors);
}

/// <summary>Checks a model's answer against what was ordered. A model may be wrong, cut off, or talked into something by the text it read.</summary>
internal static partial class DeckCheck
{
    public const int MaxTitle = 120;
    public const int MaxFront = 500;
    public const int MaxBack = 1000;

    private static readonly string[] LinkMarks = ["http:", "https:", "ftp:", "data:", "javascript:", "file:", "www.", "mailto:"];

    /// <param name="answer">The model's answer: JSON, perhaps within a code fence.</param>
    /// <param name="order">What was ordered.</param>
    public static CheckedDeck Check(string answer, FlashcardOrder order)
    {
        var start = answer.IndexOf('{', StringComparison.Ordinal);
        var end = answer.LastIndexOf('}');
        if (start < 0 || end < start)
            return CheckedDeck.Refused("The answer is not a JSON object.");
        DeckAnswer deck;
        try
        {
            deck = JsonSerializer.Deserialize<DeckAnswer>(answer.AsSpan(start, end - start + 1), Json.Options) ?? throw new JsonException("The answer is null.");
        }
        catch (JsonException e)
        {
            return CheckedDeck.Refused($"The answer does not have the form asked for{(e.Path is { Length: > 0 } path ? " at " + path : "")}.");
        }

        return Check(deck, order);
    }

    private static CheckedDeck Check(DeckAnswer deck, FlashcardOrder order)
    {
        var errors = new List<string>();
        var language = LanguageTag().IsMatch(deck.Language) ? deck.Language : order.Language ?? "und";
        var quotation = new Quotation(order.Text, language[..Math.Min(2, language.Length)]);
        var title = PlainText.Line(deck.Title, MaxTitle);
        if (title.Length == 0)
            errors.Add("title is empty.");
        else if (HasForeignLink(title, quotation))
            errors.Add("title has a link that is not in the text.");
        var cards = new List<GeneratedFlashcard>();
        var fronts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < deck.Cards.Count && cards.Count < order.Most; i++)
        {
            if (deck.Cards[i] is not { } said)
            {
                errors.Add($"cards[{i}] is null.");
                continue;
            }

            var card = new GeneratedFlashcard(PlainText.Line(said.Front), PlainText.Line(said.Back), said.Source);
            if (Flaw(card, quotation, out var source) is { } flaw)
                errors.Add($"cards[{i}]: {flaw}");
            else if (!fronts.Add(card.Front))
                errors.Add($"cards[{i}]: front is the same as another card's.");
            else
                cards.Add(card with { Source = source });
        }

        // A flawed card is dropped when enough good ones are left.
        if (title.Length > 0 && cards.Count >= order.Fewest && !errors.Exists(e => e.StartsWith("title", StringComparison.Ordinal)))
            return new CheckedDeck(title, language, cards, []);
        if (cards.Count < order.Fewest)
            errors.Add($"{cards.Count} usable cards are too few: at least {order.Fewest} are needed.");
        return new CheckedDeck(title, language, cards, errors);
    }

    private static string? Flaw(GeneratedFlashcard card, Quotation quotation, out string source)
    {
        source = "";
        if (card.Front.Length is 0 or > MaxFront)
            return $"front must have 1 to {MaxFront} characters.";
        if (card.Back.Length is 0 or > MaxBack)
            return $"back must have 1 to {MaxBack} characters.";
        if (ShowsAnswer(card.Front, card.Back))
            return "back stands on the front already.";
        if (HasForeignLink(card.Front, quotation) || HasForeignLink(card.Back, quotation))
            return "there is a link that is not in the text.";
        if (quotation.SourceOf(card.Source) is not { } found)
            return "source is not word for word in the text.";
        source = found;
        return null;
    }

    /// <summary>Whether the answer can be read off the question, as whole words.</summary>
    internal static bool ShowsAnswer(string front, string back)
    {
        var answer = back.Trim('.', ' ', '!', '"', '\'');
        if (answer.Length == 0)
            return true;
        for (var at = front.IndexOf(answer, StringComparison.OrdinalIgnoreCase); at >= 0; at = front.IndexOf(answer, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + answer.Length;
            if ((at == 0 || !IsWordPart(front[at - 1]) || !IsWordPart(answer[0])) && (end == front.Length || !IsWordPart(front[end]) || !IsWordPart(answer[^1])))
                return true;
        }

        return false;
    }

    // Scripts without case are mostly written without spaces between words.
    private static bool IsWordPart(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.ConnectorPunctuation;

    // A link that the material does not have was not learnt from it: it could carry the text away when it is shown.
    private static bool HasForeignLink(string text, Quotation quotation) =>
        text.Split(' ').Any(word => LinkMarks.Any(mark => word.Contains(mark, StringComparison.OrdinalIgnoreCase)) && !quotation.Has(word.Trim('(', ')', '[', ']', '<', '>', '.', ',', ';', '"')));

    [GeneratedRegex("^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", RegexOptions.NonBacktracking)]
    private static partial Regex LanguageTag();

    /// <summary>The form of an answer; <see cref="Models.FlashcardPrompt.Schema"/> says the same in JSON Schema.</summary>
    private sealed record DeckAnswer(string Title, string Language, IReadOnlyList<CardAnswer?> Cards);

    private sealed record CardAnswer(string Front, string Back, string Source);
}
