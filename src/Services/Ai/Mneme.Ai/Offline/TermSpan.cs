using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>A run of tokens that names one thing.</summary>
/// <param name="From">First token.</param>
/// <param name="To">Token after the last.</param>
/// <param name="IsName">A proper name, as far as can be told.</param>
/// <param name="IsTerm">Outside the general vocabulary.</param>
internal sealed record TermSpan(int From, int To, bool IsName, bool IsTerm)
{
    internal int Length => To - From;

    /// <summary>All maximal terms of a sentence, in order.</summary>
    internal static List<TermSpan> In(SourceSentence sentence, SourceText text)
    {
        var spans = new List<TermSpan>();
        for (var index = 0; index < sentence.End;)
        {
            var span = text.IsGerman ? German(sentence, index) : English(sentence, index);
            if (span is null)
            {
                index++;
                continue;
            }
            spans.Add(span);
            index = span.To;
        }
        return spans;
    }

    private static TermSpan? English(SourceSentence sentence, int from)
    {
        var tokens = sentence.Tokens;
        if (!StartsEnglish(tokens[from]))
            return null;
        var to = from;
        while (to < sentence.End && (StartsEnglish(tokens[to]) || IsPluralPossessive(sentence, to)))
            to++;
        // "Bank of England", "Vasco da Gama".
        while (to + 1 < sentence.End && tokens[to - 1].Tag == Tag.Name && tokens[to].Is("of", "de", "da", "van", "von", "the") && NameAfter(sentence, to) is var next && next > 0 && tokens[from].Tag == Tag.Name)
        {
            to = next;
            while (to < sentence.End && tokens[to].Tag == Tag.Name)
                to++;
        }
        while (to > from && tokens[to - 1].Tag is Tag.Adjective or Tag.Gerund)
            to--;
        if (to == from || (from == 0 && to == 1 && tokens[0].Tag == Tag.Name))
            return to == from ? null : new TermSpan(from, to, true, true);
        // "the rover Perseverance", "the Japanese meteorologist Wasaburo Ooishi": the name alone is asked for.
        for (var index = to - 1; index > from; index--)
        {
            if (tokens[index - 1].Tag == Tag.Noun && tokens[index].Tag == Tag.Name && (tokens[index - 1].Classes & (WordClasses.Person | WordClasses.Anaphoric)) != WordClasses.None | ProperNames.IsFirstName(tokens[index].Text))
                return new TermSpan(index, to, true, true);
        }
        // "the author's death": the owner, unless it is a name, stays on the front.
        for (var index = from; index < to - 1; index++)
        {
            if (tokens[index].Tag != Tag.Name && (tokens[index].Text.EndsWith("'s", StringComparison.Ordinal) || tokens[index].Text.EndsWith("’s", StringComparison.Ordinal)))
                from = index + 1;
        }
        var run = tokens.Skip(from).Take(to - from).ToList();
        return new TermSpan(from, to, run.TrueForAll(token => token.Tag == Tag.Name || token.Is("of", "de", "da", "van", "von", "the", "'", "’")), IsTermRun(run));
    }

    // The apostrophe in "the Thirty Years' War".
    private static bool IsPluralPossessive(SourceSentence sentence, int index) =>
        index > 0 && sentence.Tokens[index].Text is "'" or "’" && sentence.Tokens[index - 1].Tag == Tag.Name && index + 1 < sentence.End && sentence.Tokens[index + 1].Tag == Tag.Name;

    private static int NameAfter(SourceSentence sentence, int index)
    {
        var next = sentence.Tokens[index + 1].Is("the") && !sentence.Tokens[index].Is("the") ? index + 2 : index + 1;
        return next < sentence.End && sentence.Tokens[next].Tag == Tag.Name ? next : -1;
    }

    // General adjectives stay outside the term: "a large _____".
    private static bool StartsEnglish(TaggedToken token) =>
        token.IsNominal || (token.Tag == Tag.Adjective && token.Classes == WordClasses.None);

    private static TermSpan? German(SourceSentence sentence, int from)
    {
        var tokens = sentence.Tokens;
        if (!tokens[from].IsNominal)
            return null;
        var to = from + 1;
        var start = from;
        // Names of several words: "Johannes Gutenberg", "Ludwig van Beethoven".
        if (ProperNames.IsFirstName(tokens[from].Text))
        {
            while (to < sentence.End && (tokens[to].Tag == Tag.Term || tokens[to - 1].Is("von", "van", "der") || (tokens[to].Is("von", "van", "der") && to + 1 < sentence.End && (tokens[to + 1].IsNominal || tokens[to + 1].Is("der")))))
                to++;
            return new TermSpan(start, to, to - start > 1, true);
        }
        // "die Deutsche Bahn", "im Kalten Krieg": an adjective with a capital belongs to a name.
        if (from > 0 && from + 1 < sentence.End && tokens[from + 1].IsNominal && char.IsUpper(tokens[from].Text[0]) && tokens[from].Lower[^1] is 'e' or 'n' or 'r' or 's' or 'm'
            && !tokens[from].Classes.HasFlag(WordClasses.Noun) && GermanTagger.LooksAdjective(tokens[from].Text, tokens[from].Classes))
            return new TermSpan(from, from + 2, true, true);
        // Two unknown capitals without an article: most likely a name whose first part is not a common one.
        // "die Feuerwehr Altstetten", "Kurfürst Friedrich": nouns side by side are one name.
        while (to < sentence.End && tokens[to].Tag == Tag.Term && !ProperNames.IsFirstName(tokens[to].Text))
            to++;
        // "der Leuchtturm Roter Sand", "das Bakterium Clostridium botulinum".
        if (to > from + 1 && to < sentence.End && (tokens[to].IsNominal && GermanTagger.LooksAdjective(tokens[to - 1].Text, tokens[to - 1].Classes) || IsLatinEpithet(tokens[to])))
            to++;
        if (to > from + 1)
        {
            // "der Roman Der Process", "die Stadt Ulm", "das Hormon Melatonin": the class stays on the front.
            var isClass = (tokens[from].Classes & (WordClasses.Anaphoric | WordClasses.Person)) != WordClasses.None
                || from > 0 && to == from + 2 && tokens[from].Tag == Tag.Noun && tokens[from - 1].Is("das", "der", "die", "dem", "den", "des", "im", "am", "vom", "zum", "zur");
            var named = isClass || ClozeWriter.IsUnitWord(tokens[from]) ? from + 1 : from;
            return new TermSpan(named, to, true, true);
        }
        var properAdjective = from > 1 && char.IsUpper(tokens[from - 1].Text[0]) && tokens[from - 1].Tag == Tag.Term;
        return properAdjective ? null : new TermSpan(start, to, false, tokens[from].Tag == Tag.Term);
    }

    private static bool IsLatinEpithet(TaggedToken token) => token.Token.Kind == TokenKind.Word && char.IsLower(token.Text[0]) && token.Text.Length > 4 && token.Classes == WordClasses.None
        && (token.Lower.EndsWith("um", StringComparison.Ordinal) || token.Lower.EndsWith("us", StringComparison.Ordinal) || token.Lower.EndsWith("is", StringComparison.Ordinal) || token.Lower.EndsWith('a') || token.Lower.EndsWith("ii", StringComparison.Ordinal));

    private static bool IsTermRun(List<TaggedToken> run) =>
        run.Exists(token => token.Tag is Tag.Term or Tag.Name || token.Classes == WordClasses.None) || run.Count > 1;
}
