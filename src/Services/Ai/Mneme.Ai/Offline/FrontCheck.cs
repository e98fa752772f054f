using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>The rules every card must keep, whatever pattern made it.</summary>
internal static class FrontCheck
{
    private const int LongAnswer = 4;

    /// <summary>True when the answer can be read off the front: itself, inflected, or inside a compound.</summary>
    internal static bool ShowsAnswer(string front, string back, string language)
    {
        var question = SourceSentence.OnOneLine(front.Replace(OfflineCardWriter.Blank, " ", StringComparison.Ordinal));
        if (ContainsWhole(question, SourceSentence.OnOneLine(back)))
            return true;
        var words = Tokenizer.Tokenize(back).Where(token => token.Kind is TokenKind.Word or TokenKind.Number).Select(token => token.Text).ToList();
        if (words.Count > LongAnswer)
            return false;
        var lexicon = Lexicon.For(language);
        var visible = Tokenizer.Tokenize(question).Where(token => token.Kind is TokenKind.Word or TokenKind.Number).Select(token => token.Text.ToLowerInvariant()).ToList();
        foreach (var word in words)
        {
            if (lexicon?.IsStopWord(word) == true)
                continue;
            var stem = Stemmer.Stem(word, language);
            if (visible.Exists(shown => Shows(shown, word.ToLowerInvariant(), stem, language)))
                return true;
        }
        return false;
    }

    /// <summary>True when a back holds at least one word that means something.</summary>
    internal static bool IsAnswer(string back, Lexicon lexicon) =>
        Tokenizer.Tokenize(back).Any(token => token.Kind == TokenKind.Number || (token.Kind == TokenKind.Word && !lexicon.IsStopWord(token.Text)));

    /// <summary>How much of a definition only repeats the question, 0…1.</summary>
    internal static double Overlap(string front, string back, Lexicon lexicon)
    {
        var asked = Stems(front, lexicon).ToHashSet();
        var answered = Stems(back, lexicon).ToList();
        return answered.Count == 0 ? 0 : answered.Count(asked.Contains) / (double)answered.Count;
    }

    private static IEnumerable<string> Stems(string text, Lexicon lexicon) =>
        Tokenizer.Tokenize(text).Where(token => token.Kind == TokenKind.Word && !lexicon.IsStopWord(token.Text)).Select(token => Stemmer.Stem(token.Text, lexicon.Language));

    private static bool Shows(string shown, string word, string stem, string language)
    {
        if (shown == word)
            return true;
        if (char.IsDigit(word[0]))
            return false;
        var shownStem = Stemmer.Stem(shown, language);
        if (shownStem == stem)
            return true;
        var folded = language == "de" ? Fold(shown) : shown;
        return stem.Length >= 5 ? folded.Contains(stem, StringComparison.Ordinal) : stem.Length >= 3 && language == "de" && folded.Length > stem.Length + 2
            && (folded.StartsWith(stem, StringComparison.Ordinal) || folded.EndsWith(stem, StringComparison.Ordinal));
    }

    private static string Fold(string word) => word.Replace("ß", "ss", StringComparison.Ordinal).Replace('ä', 'a').Replace('ö', 'o').Replace('ü', 'u');

    private static bool ContainsWhole(string text, string part)
    {
        var at = text.IndexOf(part, StringComparison.OrdinalIgnoreCase);
        while (at >= 0)
        {
            var end = at + part.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1]) || part.Length > 3) && (end == text.Length || !char.IsLetterOrDigit(text[end]) || part.Length > 3))
                return true;
            at = text.IndexOf(part, at + 1, StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }
}
