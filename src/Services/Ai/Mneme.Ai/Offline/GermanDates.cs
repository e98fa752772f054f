namespace Mneme.Ai.Offline;

/// <summary>Asks for the year or the day that a German statement gives.</summary>
internal static class GermanDates
{
    // "1492 erreichte …", "Im Jahr 1492 erreichte …".
    internal static Candidate? Fronted(SourceSentence sentence, SourceText text, int verb)
    {
        var tokens = sentence.Tokens;
        var year = verb - 1;
        var fits = verb == 1 || (verb == 3 && tokens[0].Is("im") && tokens[1].Is("jahr", "jahre"));
        if (!fits || !GermanClause.IsYear(sentence, year) || tokens[verb + 1].Tag == Tag.Pronoun && sentence.Antecedent?.Index != verb + 1)
            return null;
        var to = GermanClause.AnswerEnd(sentence, verb + 1);
        if (to - verb is < 4 or > 20)
            return null;
        // The subject follows the verb; it must say whom or what it is about.
        for (var index = verb + 1; index < to; index++)
        {
            if (tokens[index].IsNominal)
            {
                if (Standalone.IsBareDefinite(sentence, index, text))
                    return null;
                break;
            }
        }
        return GermanQuestions.Make(sentence, $"In welchem Jahr {tokens[verb].Lower} {sentence.Resolved(verb + 1, to)}?", year, year + 1, 4.7);
    }

    // "… wurde 1648 unterzeichnet", "… wurde am 3. Mai 1945 unterzeichnet".
    internal static Candidate? Within(SourceSentence sentence, GermanSubject subject, int verb)
    {
        var tokens = sentence.Tokens;
        if (!subject.IsSpecific)
            return null;
        var to = GermanClause.AnswerEnd(sentence, verb + 1);
        for (var index = verb + 1; index < to && index - verb < 9; index++)
        {
            if (tokens[index].Text is "," or ";" || tokens[index].IsFinite && index > verb + 1 && tokens[index].Tag == Tag.Auxiliary)
                return null;
            if (!GermanClause.IsYear(sentence, index))
                continue;
            var from = index;
            if (from - 2 > verb && tokens[from - 2].Is("im") && tokens[from - 1].Is("jahr", "jahre"))
                from -= 2;
            else if (GermanClause.IsMonth(tokens[from - 1]) && from - 4 > verb && tokens[from - 2].Text == "." && tokens[from - 4].Is("am"))
                from -= 4;
            else if (tokens[from - 1].Tag == Tag.Preposition || GermanClause.IsMonth(tokens[from - 1]) || (tokens[from - 1].IsNominal && !tokens[verb].Is("wurde", "wurden")))
                return null;
            if (index + 1 < to && tokens[index + 1].Is("bis", "und", "oder", "–", "-", "v"))
                return null;
            // "schon 1592" says nothing without its year.
            var before = from - 1 > verb && tokens[from - 1].Is("schon", "bereits", "erst", "noch") ? from - 1 : from;
            var rest = $"{sentence.Flat(verb + 1, before)} {sentence.Flat(index + 1, to)}".Trim();
            rest = rest.TrimEnd(',', ' ');
            if (rest.Length == 0 || (rest.Contains("Jahr", StringComparison.Ordinal) && rest.Length < 10))
                return null;
            var dated = from < index && tokens[from].Is("am");
            return GermanQuestions.Make(sentence, $"{(dated ? "Wann" : "In welchem Jahr")} {tokens[verb].Lower} {subject.Phrase} {rest}?", dated ? from + 1 : index, index + 1, 4.6);
        }
        return null;
    }
}
