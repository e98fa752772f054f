namespace Mneme.Language;

/// <summary>A language found in a text.</summary>
/// <param name="Code">ISO 639-1 code, or "und" when there is nothing to go by.</param>
/// <param name="Confidence">0 (a guess) to 1 (certain).</param>
public sealed record DetectedLanguage(string Code, double Confidence)
{
    /// <summary>No language could be told.</summary>
    public static DetectedLanguage Undetermined { get; } = new("und", 0);
}

/// <summary>
/// Tells the language of a text by its function words; German and English, the languages analysed further, are told from single
/// words too, by general vocabulary and by character trigrams learnt from it. French, Spanish, Italian, Dutch and Portuguese are recognised.
/// </summary>
public static class LanguageDetector
{
    private const int MaxWords = 2_000;
    private const double VocabularyWeight = 0.6;
    private const double TrigramWeight = 0.25;

    private static readonly Lazy<Dictionary<string, HashSet<string>>> LazyFunctionWords = new(ReadFunctionWords);
    private static readonly Lazy<TrigramModel> LazyTrigrams = new(TrigramModel.Learn);

    /// <summary>The language of a text; only its first 2,000 words are looked at.</summary>
    public static DetectedLanguage Detect(string text)
    {
        var scores = LazyFunctionWords.Value.Keys.ToDictionary(code => code, _ => 0.0);
        var words = 0;
        foreach (var token in Tokenizer.Tokenize(text, 0, Math.Min(text.Length, MaxWords * 12)))
        {
            if (token.Kind != TokenKind.Word || !IsLatin(token.Text))
                continue;
            Score(token.Text.ToLowerInvariant(), scores);
            if (++words == MaxWords)
                break;
        }
        var ranked = scores.OrderByDescending(score => score.Value).ThenBy(score => score.Key, StringComparer.Ordinal).ToList();
        var total = ranked.Sum(score => score.Value);
        if (words == 0 || total <= 0)
            return DetectedLanguage.Undetermined;
        var margin = (ranked[0].Value - ranked[1].Value) / (ranked[0].Value + ranked[1].Value);
        var evidence = 1 - Math.Exp(-ranked[0].Value / 1.5);
        return new DetectedLanguage(ranked[0].Key, Math.Round(Math.Min(1, margin * 1.25) * evidence, 4));
    }

    private static void Score(string word, Dictionary<string, double> scores)
    {
        var functionWords = LazyFunctionWords.Value;
        var owners = functionWords.Where(language => language.Value.Contains(word)).Select(language => language.Key).ToList();
        foreach (var owner in owners)
            scores[owner] += 1.0 / owners.Count;
        if (owners.Count > 0)
            return;
        var german = Lexicon.German.IsCommon(word);
        var english = Lexicon.English.IsCommon(word);
        if (german != english)
        {
            scores[german ? "de" : "en"] += VocabularyWeight;
            return;
        }
        var odds = LazyTrigrams.Value.GermanShare(word);
        scores["de"] += TrigramWeight * odds;
        scores["en"] += TrigramWeight * (1 - odds);
    }

    private static bool IsLatin(string word) => word.All(letter => letter < 0x250 || letter is '’' or '‐' or '‑');

    private static Dictionary<string, HashSet<string>> ReadFunctionWords()
    {
        var words = WordLists.Read("function-words.txt").Where(section => section.Key.Length > 0)
            .ToDictionary(section => section.Key, section => section.Value.ToHashSet());
        words["de"] = [.. Lexicon.German.StopWords];
        words["en"] = [.. Lexicon.English.StopWords];
        return words;
    }
}
