namespace Mneme.Ai.Offline;

/// <summary>Where the parts of a German statement are.</summary>
internal static class GermanClause
{
    private static readonly HashSet<string> AddedClauses =
        ["aber", "doch", "jedoch", "während", "wobei", "weil", "da", "obwohl", "sodass", "denn", "weshalb", "wodurch", "womit", "wohingegen", "nachdem", "bevor", "was", "und", "oder", "sofern", "falls", "ohne", "auch", "so", "meist", "etwa", "zum", "als", "also", "insbesondere", "vor"];

    private static readonly HashSet<string> Months = ["januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"];

    internal static bool IsMonth(TaggedToken token) => Months.Contains(token.Lower);

    /// <summary>The finite verb of the main clause; -1 when it cannot be told.</summary>
    internal static int MainVerb(SourceSentence sentence)
    {
        for (var index = 1; index < sentence.End; index++)
        {
            if (sentence.IsTopLevel(index) && sentence.Tokens[index].IsFinite && char.IsLower(sentence.Tokens[index].Text[0]) && !IsAttribute(sentence, index))
                return index;
        }
        return -1;
    }

    // "das verwendete Öl": after an article and before a noun, it is no verb.
    private static bool IsAttribute(SourceSentence sentence, int index) =>
        sentence.Tokens[index].Tag == Tag.Verb && sentence.Tokens[index - 1].Tag is Tag.Determiner or Tag.Possessive && index + 1 < sentence.End && sentence.Tokens[index + 1].IsNominal;

    /// <summary>Where an answer ends that begins at a token: before a clause that only adds to it. Relative clauses belong to it.</summary>
    internal static int AnswerEnd(SourceSentence sentence, int from)
    {
        for (var index = from; index < sentence.End; index++)
        {
            if (!sentence.IsTopLevel(index))
                continue;
            var token = sentence.Tokens[index];
            if (token.Text is ";" or ":" or "–" or "—" && index > from)
                return index;
            if (index + 1 >= sentence.End)
                continue;
            var next = sentence.Tokens[index + 1];
            if (token.Text == "," && next.Is("das") && index + 2 < sentence.End && sentence.Tokens[index + 2].Is("heißt"))
                return index;
            if (token.Text == "," && AddedClauses.Contains(next.Lower) && !(next.Is("ohne", "während", "vor", "zum") && index + 2 < sentence.End && sentence.Tokens[index + 2].Is("den", "dem", "die", "das", "deren", "dessen", "der")) && !(next.Is("und", "oder") && !HasFinite(sentence, index + 2)))
                return index;
            // An unlisted verb looks like a participle after "ist": "ist der längste Fluss und entspringt im Schwarzwald".
            var unlisted = next is { Tag: Tag.Participle, Verb: null } && next.Lower.EndsWith('t') && !next.Lower.Contains("ge", StringComparison.Ordinal)
                && index + 2 < sentence.End && sentence.Tokens[index + 2].Tag is Tag.Preposition or Tag.Determiner;
            var continues = next.IsFinite || unlisted || (next.Tag == Tag.Participle && next.Verb?.Forms.HasFlag(Language.VerbForms.ThirdSingular) == true && index + 2 < sentence.End && sentence.Tokens[index + 2].Text is not ("," or "und"));
            if (token.Is("und", "oder") && index > from && continues && char.IsLower(next.Text[0]) && !InRelativeClause(sentence, from, index))
                return index;
        }
        return sentence.End;
    }

    private static bool InRelativeClause(SourceSentence sentence, int from, int index) =>
        Enumerable.Range(from, index - from).Any(inner => sentence.Tokens[inner].Text == ",");

    private static bool HasFinite(SourceSentence sentence, int from)
    {
        for (var index = from; index < sentence.End && sentence.Tokens[index].Text != ","; index++)
        {
            if (sentence.Tokens[index].IsFinite)
                return true;
        }
        return false;
    }

    internal static int SkipAdverbs(SourceSentence sentence, int index)
    {
        while (index < sentence.End && sentence.Tokens[index].Tag == Tag.Adverb && !IsNegation(sentence.Tokens[index]) && !sentence.Tokens[index].Is("fast", "etwa", "rund", "ungefähr", "knapp", "höchstens", "mindestens", "nahezu", "mehr", "beinahe", "genau"))
            index++;
        return index;
    }

    internal static bool IsNegation(TaggedToken token) => token.Is("nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals", "nur", "kaum", "weder", "lediglich");

    /// <summary>True for 1000…2100 written in four digits that is no amount of something.</summary>
    internal static bool IsYear(SourceSentence sentence, int index)
    {
        if (!EnglishClause.IsYear(sentence, index))
            return false;
        var next = index + 1 < sentence.End ? sentence.Tokens[index + 1] : null;
        return next is null || !(next.Tag == Tag.Unit || next.IsNominal && next.Is("meter", "metern", "kilometer", "kilometern", "jahre", "jahren", "euro", "menschen", "einwohner", "kilogramm", "gramm", "tonnen", "liter", "stück", "watt", "prozent", "grad", "arten"));
    }
}
