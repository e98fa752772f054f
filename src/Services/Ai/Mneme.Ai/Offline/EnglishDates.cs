namespace Mneme.Ai.Offline;

/// <summary>Asks for the year or the day that an English statement gives.</summary>
internal static class EnglishDates
{
    // A year, at the start ("In 1687, …"), or after a passive ("was signed in 1648").
    internal static IEnumerable<Candidate> Of(SourceSentence sentence, SourceText text)
    {
        var tokens = sentence.Tokens;
        if (tokens.Count > 5 && tokens[0].Is("in") && EnglishClause.IsYear(sentence, 1))
        {
            var from = tokens[2].Text == "," ? 3 : 2;
            var verb = EnglishClause.MainVerb(sentence, from);
            if (verb > from && EnglishSubject.Read(sentence, text, from, verb) is { } subject && Asked(sentence, subject, verb, verb + 1, EnglishClause.AnswerEnd(sentence, verb + 1), -1) is { } question)
                yield return EnglishQuestions.Make(sentence, "in which year " + question, 1, 2, 4.7, number: true)!;
            yield break;
        }
        var main = EnglishClause.MainVerb(sentence, 0);
        if (main <= 0 || EnglishSubject.Read(sentence, text, 0, main) is not { IsSpecific: true } about)
            yield break;
        var to = EnglishClause.AnswerEnd(sentence, main + 1);
        for (var index = main + 1; index + 1 < to; index++)
        {
            if (!sentence.IsTopLevel(index))
                continue;
            if (tokens[index].Is("on") && DateEnd(sentence, index + 1) is var dateEnd && dateEnd > 0)
            {
                if (!Enumerable.Range(main + 1, index - main - 1).Any(inner => tokens[inner].IsFinite || tokens[inner].Is("that", "which", "who", ",", "to", "and"))
                    && Asked(sentence, about, main, main + 1, to, index, dateEnd - index) is { } when && EnglishQuestions.Make(sentence, "when " + when, index + 1, dateEnd, 4.7, number: true) is { } dated)
                    yield return dated;
                break;
            }
            if (!tokens[index].Is("in") || !EnglishClause.IsYear(sentence, index + 1))
                continue;
            // The year must belong to the main verb: nothing subordinate may stand before it.
            if (Enumerable.Range(main + 1, index - main - 1).Any(inner => tokens[inner].IsFinite || tokens[inner].Is("that", "which", "who", ",", "to", "and") || EnglishClause.IsYear(sentence, inner)))
                break;
            if (index + 2 < to && tokens[index + 2].Is("and", "or", "to", "by"))
                break;
            if (Asked(sentence, about, main, main + 1, to, index) is { } question && EnglishQuestions.Make(sentence, "in which year " + question, index + 1, index + 2, 4.6, number: true) is { } candidate)
                yield return candidate;
            break;
        }
    }

    // "… was the treaty signed in Münster?", "… did Newton publish the Principia?"; the tokens at `without` are left out.
    private static string? Asked(SourceSentence sentence, EnglishSubject subject, int verb, int from, int to, int without, int length = 2)
    {
        var tokens = sentence.Tokens;
        if (to - from > 16 || (from < to && EnglishClause.IsNegation(tokens[from])))
            return null;
        var rest = without < 0 ? sentence.Flat(from, to) : Join(sentence.Flat(from, without), sentence.Flat(without + length, to));
        rest = rest.TrimEnd(',', ' ');
        if (tokens[verb].Is("was", "were", "had", "became") && !tokens[verb].Is("became"))
            return rest.Length == 0 || (tokens[verb].Is("had") && tokens[from].Tag != Tag.Participle) ? null : $"{tokens[verb].Lower} {subject.Phrase} {rest}?";
        if (tokens[verb].Verb is not { } reading || tokens[verb].Lower != reading.Past)
            return null;
        return Join($"did {subject.Phrase} {reading.Verb}", rest) + "?";
    }

    // "21 January 1793", "January 21, 1793": the token after the date, or -1.
    private static int DateEnd(SourceSentence sentence, int from)
    {
        var tokens = sentence.Tokens;
        if (from + 2 < sentence.End && tokens[from].Tag == Tag.Number && IsMonth(tokens[from + 1]) && EnglishClause.IsYear(sentence, from + 2))
            return from + 3;
        return from + 3 < sentence.End && IsMonth(tokens[from]) && tokens[from + 1].Tag == Tag.Number && tokens[from + 2].Text == "," && EnglishClause.IsYear(sentence, from + 3) ? from + 4 : -1;
    }

    private static bool IsMonth(TaggedToken token) =>
        token.Is("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december");

    private static string Join(string left, string right) => left.Length == 0 ? right : right.Length == 0 ? left : $"{left} {right}";
}
