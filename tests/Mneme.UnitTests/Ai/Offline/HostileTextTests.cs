using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Mneme.Ai.Offline;
using Mneme.Language;

namespace Mneme.UnitTests.Ai.Offline;

/// <summary>Whatever comes in, nothing is thrown, the rules hold, and time grows with the text.</summary>
public sealed class HostileTextTests
{
    private static readonly Config Fixed = Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(20_240_601, 77);

    private static readonly string[] Pieces =
    [
        "Osmosis", "osmosis", "is", "the", "movement", "Die", "Zelle", "ist", "ein", "Vorgang", "1648", "3,5", "kg", "%", "(", ")", "\"", "„", "“", ".", ".", ". ", "!", "?", "…", ",", ";", ":", "-", "–", "\n", "\n\n", "\r\n", "z. B.", "Dr.", "e.g.", "U.S.", "https://x.y/z", "a@b.c", "#", "- ", "1. ", "_____", "\u0000", "\uD800", "é", "日本", "👩‍🔬", "was", "in", "wurde", "Johann", "Sebastian", "Bach", "called", "genannt", "which", "bei dem", "It", "Sie", " ", " ", " ",
    ];

    [Fact]
    public void Any_string_gives_a_deck_that_keeps_the_rules() =>
        Check.One(Fixed, Prop.ForAll<string>(text => KeepsRules(text ?? "")));

    [Fact]
    public void Any_mixture_of_language_and_noise_gives_a_deck_that_keeps_the_rules() =>
        Check.One(Fixed, Prop.ForAll<int, PositiveInt>((seed, length) =>
        {
            var random = new Random(seed);
            var separator = seed % 3 == 0 ? "" : " ";
            return KeepsRules(string.Join(separator, Enumerable.Range(0, length.Get * 3).Select(_ => Pieces[random.Next(Pieces.Length)])));
        }));

    [Fact]
    public void Sentences_and_tokens_are_ordered_stretches_of_the_text() =>
        Check.One(Fixed, Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var text = string.Join(' ', Enumerable.Range(0, 60).Select(_ => Pieces[random.Next(Pieces.Length)]));
            var sentences = SentenceSplitter.Split(text, seed % 2 == 0 ? "de" : "en");
            var tokens = Tokenizer.Tokenize(text);
            return sentences.Zip(sentences.Skip(1)).All(pair => pair.First.End <= pair.Second.Start)
                && tokens.Zip(tokens.Skip(1)).All(pair => pair.First.End <= pair.Second.Start)
                && sentences.All(sentence => sentence.Length > 0 && sentence.In(text).Trim() == sentence.In(text))
                && tokens.Sum(token => token.Length) == text.Count(character => !char.IsWhiteSpace(character));
        }));

    public static TheoryData<string> Large => new(
        "brackets", "closing brackets", "full stops", "quotes", "one word", "digits", "lines", "wide lines", "mail", "abbreviations", "prose", "Prosa", "one sentence", "capitals", "blanks", "dots and letters");

    [Theory]
    [MemberData(nameof(Large))]
    public void Two_hundred_thousand_characters_take_less_than_a_second(string kind)
    {
        var text = Build(kind);
        OfflineCardWriter.Write("Warm up: the cell is the smallest unit of life. Die Zelle ist klein.");
        var start = TimeOnProcessor();
        KeepsRules(text).ShouldBeTrue();
        (TimeOnProcessor() - start).ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    /// <summary>Time that this thread has run: others use the machine too, and their time does not count. Linux tells it in nanoseconds.</summary>
    private static TimeSpan TimeOnProcessor() =>
        TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1000);

    private static string Build(string kind) => kind switch
    {
        "brackets" => new string('(', 200_000),
        "closing brackets" => new string(']', 200_000),
        "full stops" => new string('.', 200_000),
        "quotes" => new string('"', 200_000),
        "one word" => new string('a', 200_000),
        "digits" => new string('7', 200_000),
        "lines" => string.Concat(Enumerable.Repeat("a\n", 100_000)),
        "wide lines" => string.Concat(Enumerable.Repeat(new string('x', 1_999) + "\n", 100)),
        "mail" => string.Concat(Enumerable.Repeat("a.b-c_", 33_000)),
        "abbreviations" => string.Concat(Enumerable.Repeat("z. B. ", 33_000)),
        "prose" => string.Concat(Enumerable.Repeat("The Calvin cycle uses carbon dioxide to build sugars in the stroma of 40 chloroplasts. It is slow. ", 2_050)),
        "Prosa" => string.Concat(Enumerable.Range(0, 2_300).Select(number => $"Das Glied Nummer {number} bezeichnet einen Abschnitt der Atmungskette, der Protonen pumpt. ")),
        "one sentence" => string.Concat(Enumerable.Repeat("and the cell divides ", 9_500)),
        "capitals" => string.Concat(Enumerable.Repeat("Alpha Beta Gamma ", 11_700)),
        "blanks" => new string(' ', 200_000),
        _ => string.Concat(Enumerable.Repeat("A.b. ", 40_000)),
    };

    private static bool KeepsRules(string text)
    {
        var deck = OfflineCardWriter.Write(text, maxCards: 20);
        return deck.Cards.Count <= 20
            && deck.Cards.Select(card => card.Front).Distinct(StringComparer.Ordinal).Count() == deck.Cards.Count
            && deck.Cards.All(card => text.Contains(card.Source, StringComparison.Ordinal)
                && card.Source.Contains(card.Back, StringComparison.Ordinal)
                && !card.Front.Contains(card.Back, StringComparison.OrdinalIgnoreCase)
                && card.Back.Any(char.IsLetterOrDigit)
                && (card.Front.EndsWith('?') || card.Front.Contains(OfflineCardWriter.Blank, StringComparison.Ordinal)));
    }
}
