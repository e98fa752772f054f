namespace Mneme.Ai.Offline;

/// <summary>Where the parts of an English statement are.</summary>
internal static class EnglishClause
{
    private static readonly HashSet<string> Relatives = ["which", "who", "whose", "where", "while", "whereas", "but", "although", "though", "because", "so", "when", "and", "or", "making", "allowing", "including", "such", "since", "as", "with", "meaning", "not", "usually", "often", "especially", "particularly", "even", "leaving", "causing", "giving", "producing", "using", "yet", "if", "unless", "after", "before", "until"];

    /// <summary>The finite verb of the main clause: the first one at the top level; -1 when there is none.</summary>
    internal static int MainVerb(SourceSentence sentence, int from)
    {
        var relative = false;
        for (var index = from; index < sentence.End; index++)
        {
            var token = sentence.Tokens[index];
            if (!sentence.IsTopLevel(index))
                continue;
            // "The curl of metal that forms along the edge is called …": the first verb after the noun is the relative clause's.
            if (token.Is("that", "which", "who", "whose") && index > from && (sentence.Tokens[index - 1].IsNominal || sentence.Tokens[index - 1].Tag == Tag.Preposition) && MainVerbAfter(sentence, index) > 0)
                relative = true;
            else if (token.IsFinite && !relative)
                return index;
            else if (token.IsFinite)
                return MainVerbAfter(sentence, index - 1);
        }
        return -1;
    }

    // The finite verb after the next one, when nothing but what belongs to a relative clause stands between; -1 when there is none.
    private static int MainVerbAfter(SourceSentence sentence, int relative)
    {
        var seen = false;
        for (var index = relative + 1; index < sentence.End; index++)
        {
            var token = sentence.Tokens[index];
            if (token.Text is "," or ";" or ":" || token.Is("and", "or", "but", "that", "which", "who", "because", "when", "if"))
                return -1;
            if (!token.IsFinite)
                continue;
            // "can be seen" is one verb.
            if (seen && !(sentence.Tokens[index - 1].Tag == Tag.Auxiliary || sentence.Tokens[index - 1].Tag == Tag.Adverb && sentence.Tokens[index - 2].Tag == Tag.Auxiliary))
                return index;
            seen = true;
        }
        return -1;
    }

    /// <summary>Where an answer that begins at a token ends: before a clause that only adds to it.</summary>
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
            if (token.Is("and", "but") && index > from && next.IsFinite && !InRelativeClause(sentence, from, index))
                return index;
            if (token.Text != ",")
                continue;
            if (next.Is("and", "or") && !StartsClause(sentence, index + 2))
                continue;
            if (Relatives.Contains(next.Lower) && !(next.Is("such", "including", "especially", "particularly") && index - from < 3))
                return index;
        }
        return sentence.End;
    }

    private static bool InRelativeClause(SourceSentence sentence, int from, int index)
    {
        for (var inner = from; inner < index; inner++)
        {
            if (sentence.Tokens[inner].Is("which", "that", "who", "where", "when", "whose", "if", "how") || sentence.Tokens[inner].IsFinite)
                return true;
        }
        return false;
    }

    /// <summary>True when a finite verb follows before the next comma: what begins here is a clause.</summary>
    internal static bool StartsClause(SourceSentence sentence, int from)
    {
        for (var index = from; index < sentence.End && sentence.Tokens[index].Text is not ("," or ";"); index++)
        {
            if (sentence.Tokens[index].IsFinite)
                return !sentence.Tokens.Skip(from).Take(index - from).Any(token => token.Is("that", "which", "who"));
        }
        return false;
    }

    /// <summary>A four-digit year at a token.</summary>
    internal static bool IsYear(SourceSentence sentence, int index) =>
        index < sentence.Tokens.Count && sentence.Tokens[index].Tag == Tag.Number && sentence.Tokens[index].Text is { Length: 4 } digits
        && int.TryParse(digits, out var year) && year is >= 1000 and <= 2100;

    /// <summary>Skips adverbs from a token on.</summary>
    internal static int SkipAdverbs(SourceSentence sentence, int index)
    {
        while (index < sentence.End && sentence.Tokens[index].Tag == Tag.Adverb && !IsNegation(sentence.Tokens[index]) && !sentence.Tokens[index].Is("almost", "nearly", "about", "roughly", "approximately", "around", "exactly"))
            index++;
        return index;
    }

    internal static bool IsNegation(TaggedToken token) => token.Is("not", "never", "no", "neither", "hardly", "rarely", "seldom", "only", "just", "cannot", "merely", "n't");
}
