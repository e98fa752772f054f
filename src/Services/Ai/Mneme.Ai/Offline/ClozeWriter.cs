using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>Blanks out the word of a sentence that is most worth knowing and that the rest of the sentence determines.</summary>
internal static class ClozeWriter
{
    private static readonly HashSet<string> ListIntroductions =
        ["as", "like", "including", "e.g", "e.g.", "especially", "particularly", "wie", "etwa", "beispielsweise", "z.b", "z.b.", "darunter", "insbesondere", "besonders", "vor"];

    private static readonly HashSet<string> Coordinators = ["and", "or", "und", "oder", "&", "/", "sowie", "bis", "-", "–"];

    private static readonly HashSet<string> NamingWords = ["called", "named", "termed", "known", "genannt", "heißt", "heißen", "bezeichnet", "nennt"];

    private static readonly HashSet<string> EnglishLeads = ["however", "moreover", "furthermore", "therefore", "nevertheless", "additionally", "interestingly", "generally", "traditionally", "historically", "today", "typically", "usually", "overall", "ultimately"];

    private static readonly HashSet<string> UnitWords =
    [
        "percent", "per", "degrees", "degree", "meters", "metres", "meter", "metre", "kilometers", "kilometres", "kilometer", "kilometre", "miles", "feet", "grams", "kilograms", "tons", "tonnes", "liters", "litres", "million", "billion", "hours", "minutes", "seconds", "days", "weeks", "months", "years", "dollars", "euros", "pounds", "km", "m", "cm", "mm", "kg", "g", "mg", "ml", "l", "km/h", "hz", "khz", "mhz", "ghz", "kb", "mb", "gb", "w", "kw", "v", "j", "ms", "watts", "volts", "calories", "bpm",
        "prozent", "grad", "metern", "kilometern", "zentimeter", "millimeter", "gramm", "kilogramm", "tonnen", "liter", "litern", "millionen", "milliarden", "stunden", "minuten", "sekunden", "tage", "tagen", "wochen", "monate", "monaten", "jahre", "jahren", "euro", "cent", "dollar", "volt", "watt", "kilometer", "bit", "byte", "bytes", "bits", "mal", "uhr", "portionen", "portion", "stück", "esslöffel", "esslöffeln", "teelöffel", "teelöffeln", "tasse", "tassen", "prise", "scheiben", "zehen", "cups", "cup", "tablespoon", "teaspoon", "teaspoons", "ounces", "portions", "servings", "slices", "millimetres", "centimetres", "centimeters", "millimeters", "milligrams", "micrograms", "mikrogramm", "milligramm", "quadratkilometer", "quadratmeter", "hektar", "hectares", "acres", "tage", "stunde", "minute", "woche", "monat", "jahr", "hour", "day", "week", "month", "year", "centuries", "decades", "jahrhunderte", "jahrzehnte", "jahrhunderten", "jahrzehnten", "players", "spieler", "spielern", "punkte", "points", "tablespoons",
    ];

    internal static IEnumerable<Candidate> Of(SourceSentence sentence, SourceText text, double basis)
    {
        var anchors = Anchors(sentence, text);
        var verb = text.IsGerman ? GermanClause.MainVerb(sentence) : EnglishClause.MainVerb(sentence, 0);
        foreach (var span in TermSpan.In(sentence, text))
        {
            if (Score(sentence, text, span, verb, anchors) is { } score)
                yield return Make(sentence, text, span.From, span.To, score + basis, "");
        }
        for (var index = 0; index < sentence.End; index++)
        {
            if (NumberScore(sentence, text, index, anchors) is not { } number)
                continue;
            yield return Make(sentence, text, number.From, number.To, number.Score + basis, number.Hint);
        }
    }

    internal static bool IsUnitWord(TaggedToken token) => UnitWords.Contains(token.Lower);

    // Words that tell what the sentence is about and stay visible; an everyday noun tells half as much.
    private static double Anchors(SourceSentence sentence, SourceText text) =>
        sentence.Tokens.Take(sentence.End).Where(token => token.IsNominal && !IsUnitWord(token)).DistinctBy(token => token.Stem).Sum(token => Weight(token, text));

    private static double Weight(TaggedToken token, SourceText text) => token.Tag is Tag.Term or Tag.Name || text.CountOf(token.Stem) > 1 ? 1 : 0.5;

    private static double? Score(SourceSentence sentence, SourceText text, TermSpan span, int verb, double anchors)
    {
        var tokens = sentence.Tokens;
        if (!sentence.IsTopLevel(span.From) || sentence.Raw(span.From, span.To).AsSpan().IndexOfAny('\n', '\r') >= 0 || InExamples(sentence, span.From))
            return null;
        var last = tokens[span.To - 1];
        var isNamed = IsNamed(sentence, span.From);
        if (last.Text.Length < 3 || (!span.IsTerm && span.Length == 1 && !isNamed && !text.IsSubjectMatter(last)) || IsHyphenated(sentence, span))
            return null;
        // "_____ such as butter and margarine": any class would do.
        if (span.To + 1 < sentence.End && (tokens[span.To].Is("such") && tokens[span.To + 1].Is("as") || tokens[span.To].Is("wie", "including") && !tokens[span.To + 1].IsFinite && span.From == 0))
            return null;
        if (GermanClause.IsMonth(last) || last.Classes.HasFlag(WordClasses.Person) && span.Length == 1)
            return null;
        var own = Enumerable.Range(span.From, span.Length).Where(index => tokens[index].IsNominal).Sum(index => Weight(tokens[index], text));
        var context = anchors - own;
        var previous = span.From > 0 ? tokens[span.From - 1] : null;
        var score = span.IsName ? 2.5 : span.Length > 1 ? 2.3 : 2.1;
        score += Math.Min(0.6, 0.2 * (text.CountOf(last.Stem) - 1));
        score += context switch { <= 0 => isNamed ? 0 : -1.3, < 1 => isNamed ? 0 : -0.6, < 2 => isNamed ? 0 : -0.2, < 3 => 0.2, _ => 0.4 };
        if (isNamed)
            score += 1.2;
        else if (verb > 0 && span.To == verb && span.From <= 2)
            score += 0.6;
        else if (verb > 0 && span.From == verb + 1)
            score += 0.1;
        if (previous is null or { Tag: Tag.Adjective } && span.From > 0)
            score -= 0.5;
        if (previous?.Tag == Tag.Preposition && span.From > verb)
            score -= 0.1;
        if (!isNamed && previous?.Is("a", "an", "ein", "eine", "einen", "einem", "einer") == true)
            score -= 0.3;
        if (previous?.Tag == Tag.Number || previous?.Is("million", "billion", "millionen", "milliarden", "percent", "prozent", "each", "every", "jeder", "jede", "jedes", "many", "viele", "some", "einige", "other", "andere", "anderen") == true)
            score -= 0.9;
        if (span.From == 1 && previous!.Is("in", "im", "at", "on", "am"))
            score -= 1.0;
        if (span.Length == 1 && previous?.Tag == Tag.Preposition && ProperNames.IsPlace(last.Text))
            score -= 0.8;
        if (span.Length == 1 && last.Tag == Tag.Name && LooksDemonym(last.Lower))
            return null;
        if (IsCoordinated(sentence, span))
            score -= 1.1;
        if (last.Tag == Tag.Noun && span.Length > 1 && !span.IsName)
            score -= 0.4;
        return score;
    }

    // "is called a burr", "cells called chromatophores", "known as the Hanse", "spricht man von einem Merge".
    private static bool IsNamed(SourceSentence sentence, int from)
    {
        var index = from - 1;
        while (index > 0 && (sentence.Tokens[index].Tag == Tag.Determiner || sentence.Tokens[index].Text is "\"" or "„" or "“" or "‘" or "»"))
            index--;
        if (index < 1)
            return false;
        var before = sentence.Tokens[index];
        return NamingWords.Contains(before.Lower) || (before.Is("as", "als") && NamingWords.Contains(sentence.Tokens[index - 1].Lower))
            || (before.Is("man") && NamingWords.Contains(sentence.Tokens[index - 1].Lower)) || (before.Is("von") && sentence.Tokens[index - 1].Is("man") && index > 1 && sentence.Tokens[index - 2].Is("spricht"))
            || (before.Is("sie", "er", "es") && NamingWords.Contains(sentence.Tokens[index - 1].Lower));
    }

    // "Catholic", "Roman", "Spanish": as hard to guess as any adjective.
    private static bool LooksDemonym(string word) =>
        word.EndsWith("ic", StringComparison.Ordinal) || word.EndsWith("an", StringComparison.Ordinal) || word.EndsWith("ish", StringComparison.Ordinal) || word.EndsWith("ese", StringComparison.Ordinal) || word.EndsWith("ans", StringComparison.Ordinal);

    private static bool IsHyphenated(SourceSentence sentence, TermSpan span)
    {
        var start = sentence.Tokens[span.From].Token.Start;
        var end = sentence.Tokens[span.To - 1].Token.End;
        return (start > 0 && sentence.Text[start - 1] is '-' or '–' or '/' or '.') || (end < sentence.Text.Length && sentence.Text[end] is '-' or '–' or '/' or '\'' or '’' or '°');
    }

    // After "such as" any member of the class would do.
    private static bool InExamples(SourceSentence sentence, int from)
    {
        for (var index = from - 1; index >= 0; index--)
        {
            var token = sentence.Tokens[index];
            if (token.IsFinite || token.Text is ";" or ":")
                return false;
            if (ListIntroductions.Contains(token.Lower) && !(token.Is("as") && index > 0 && !sentence.Tokens[index - 1].Is("such")) && !(token.Is("vor") && (index + 1 >= from || !sentence.Tokens[index + 1].Is("allem"))))
                return true;
            if (token.Is("wie") && index == 0)
                return false;
        }
        return false;
    }

    private static bool IsCoordinated(SourceSentence sentence, TermSpan span)
    {
        var before = span.From > 0 ? sentence.Tokens[span.From - 1] : null;
        for (var index = span.From - 2; index >= 0 && before?.Tag is Tag.Determiner or Tag.Adjective or Tag.Possessive; index--)
            before = sentence.Tokens[index];
        var after = span.To < sentence.End ? sentence.Tokens[span.To] : null;
        if (before is not null && Coordinators.Contains(before.Lower) || after is not null && Coordinators.Contains(after.Lower))
            return true;
        if (before?.Text == "," && after?.Text == ",")
            return true;
        return after?.Text == "," && span.To + 1 < sentence.End && (sentence.Tokens[span.To + 1].IsNominal || (sentence.Tokens[span.To + 1].Tag == Tag.Adjective && sentence.Tokens.Skip(span.To).Any(token => token.Is("and", "und", "or", "oder"))));
    }

    private static (int From, int To, double Score, string Hint)? NumberScore(SourceSentence sentence, SourceText text, int index, double anchors)
    {
        var tokens = sentence.Tokens;
        var token = tokens[index];
        var end = RangeEnd(sentence, index);
        if (token.Tag != Tag.Number || !sentence.IsTopLevel(index) || (end == index + 1 && !IsDigits(token) && !IsCountedOut(sentence, index)))
            return null;
        var previous = index > 0 ? tokens[index - 1] : null;
        var next = end < tokens.Count ? tokens[end] : null;
        var start = token.Token.Start;
        var stop = tokens[end - 1].Token.End;
        if (start > 0 && sentence.Text[start - 1] is '-' or '–' or '/' or ':' or '.' or '+' or '−' || stop < sentence.Text.Length && sentence.Text[stop] is '-' or '–' or '/' or ':' or '\'' or '’')
            return null;
        if (next is not null && (Coordinators.Contains(next.Lower) || next.Is("to")) && end + 1 < tokens.Count && tokens[end + 1].Tag == Tag.Number)
            return null;
        if (previous is not null && (Coordinators.Contains(previous.Lower) || previous.Is("to")) && index > 1 && tokens[index - 2].Tag is Tag.Number or Tag.Unit || (previous is not null && previous.Is("and", "und") && tokens.Take(index).Any(token => token.Is("between", "zwischen"))))
            return null;
        if (next?.Text == "." && end < sentence.End || previous?.Tag == Tag.Name && !text.IsGerman && previous.Text.Length < 3)
            return null;
        var context = anchors switch { <= 0 => -1.2, < 1 => -0.6, < 2 => -0.2, < 3 => 0.2, _ => 0.4 };
        if (end == index + 1 && (text.IsGerman ? GermanClause.IsYear(sentence, index) : EnglishClause.IsYear(sentence, index)) && !(next is not null && UnitWords.Contains(next.Lower)))
            return previous?.Tag == Tag.Number ? null : (index, end, 2.7 + context, previous?.Is("jahr", "jahre", "jahres", "year") == true ? "" : text.IsGerman ? " (Jahr)" : " (year)");
        var others = tokens.Take(sentence.End).Count(other => other.Tag == Tag.Number && other.Text.All(char.IsDigit)) > 1;
        var unit = next?.Tag == Tag.Unit || (next is not null && UnitWords.Contains(next.Lower));
        // "at 20 °C" is a condition more often than the point.
        if (unit)
            return (index, end, (IsDigits(token) || end > index + 1 ? 2.9 : 2.4) + context - (others && previous?.Is("at", "bei") == true && !(index > 1 && tokens[index - 2].Is("liegt", "liegen", "lag", "boils", "melts", "freezes", "loaf")) ? 0.7 : 0), "");
        return next?.IsNominal == true && token.Text != "1" && !GermanClause.IsMonth(next) && !(next.Tag == Tag.Name && !text.IsGerman) ? (index, end, 2.5 + context, "") : null;
    }

    // "forty days", "neun Monate": a small number word alone is no answer.
    private static bool IsCountedOut(SourceSentence sentence, int index) =>
        index + 1 < sentence.End && !sentence.Tokens[index].Is("two", "zwei", "one", "hundred", "thousand", "hundert", "tausend") && IsUnitWord(sentence.Tokens[index + 1]);

    private static bool IsDigits(TaggedToken token) => token.Text.All(letter => char.IsDigit(letter) || letter is '.' or ',');

    // "15 to 20", "sieben bis acht", "between 5 and 8": one answer. The token after it, or after the number alone.
    private static int RangeEnd(SourceSentence sentence, int index)
    {
        var tokens = sentence.Tokens;
        if (index + 2 >= sentence.End || tokens[index + 2].Tag != Tag.Number || EnglishClause.IsYear(sentence, index) || EnglishClause.IsYear(sentence, index + 2))
            return index + 1;
        var joins = tokens[index + 1].Is("to", "bis", "–", "-", "or", "oder") || (tokens[index + 1].Is("and", "und") && index > 0 && tokens[index - 1].Is("between", "zwischen"));
        return joins ? index + 3 : index + 1;
    }

    private static Candidate Make(SourceSentence sentence, SourceText text, int from, int to, double score, string hint)
    {
        var lead = 0;
        // "However, …": without its neighbours the sentence starts with what it says.
        if (!text.IsGerman && sentence.Tokens.Count > 3 && sentence.Tokens[1].Text == "," && EnglishLeads.Contains(sentence.Tokens[0].Lower) && from > 1)
            lead = 2;
        var start = sentence.Tokens[lead].Token.Start;
        var before = sentence.Text[start..sentence.Tokens[from].Token.Start];
        var after = sentence.Text[sentence.Tokens[to - 1].Token.End..];
        if (sentence.Antecedent is { } meant)
        {
            var at = sentence.Tokens[meant.Index].Token.End;
            if (meant.Index < from && at >= start)
                before = before.Insert(at - start, $" ({meant.Explanation})");
            else if (meant.Index >= to)
                after = after.Insert(at - sentence.Tokens[to - 1].Token.End, $" ({meant.Explanation})");
        }
        if (lead > 0 && before.Length > 0)
            before = char.ToUpperInvariant(before[0]) + before[1..];
        var front = SourceSentence.OnOneLine(before + OfflineCardWriter.Blank + hint + after);
        return new Candidate(front, sentence.Raw(from, to), sentence, score - (lead > 0 ? 0.3 : 0), IsCloze: true);
    }
}
