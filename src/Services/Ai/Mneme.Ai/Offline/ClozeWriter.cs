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
        "prozent", "grad", "metern", "kilometern", "zentimeter", "millimeter", "gramm", "kilogramm", "tonnen", "liter", "litern", "millionen", "milliarden", "stunden", "minuten", "sekunden", "tage", "tagen", "wochen", "monate", "monaten", "jahre", "jahren", "euro", "cent", "dollar", "volt", "watt", "kilometer", "bit", "byte", "bytes", "bits", "mal", "uhr", "cups", "players", "spieler", "spielern", "punkte", "points", "tablespoons",
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

    // Words that tell what the sentence is about and stay visible.
    private static int Anchors(SourceSentence sentence, SourceText text) =>
        sentence.Tokens.Take(sentence.End).Where(token => token.Tag is Tag.Term or Tag.Name || (token.Tag == Tag.Noun && text.CountOf(token.Stem) > 1)).Select(token => token.Stem).Distinct().Count();

    private static double? Score(SourceSentence sentence, SourceText text, TermSpan span, int verb, int anchors)
    {
        var tokens = sentence.Tokens;
        if (!sentence.IsTopLevel(span.From) || sentence.Raw(span.From, span.To).AsSpan().IndexOfAny('\n', '\r') >= 0 || InExamples(sentence, span.From))
            return null;
        var last = tokens[span.To - 1];
        if (last.Text.Length < 3 || (!span.IsTerm && span.Length == 1) || IsHyphenated(sentence, span))
            return null;
        if (GermanClause.IsMonth(last) || last.Classes.HasFlag(WordClasses.Person) && span.Length == 1)
            return null;
        var own = Enumerable.Range(span.From, span.Length).Count(index => tokens[index].Tag is Tag.Term or Tag.Name);
        var context = anchors - own;
        var previous = span.From > 0 ? tokens[span.From - 1] : null;
        var score = span.IsName ? 2.5 : span.Length > 1 ? 2.3 : 2.1;
        score += Math.Min(0.6, 0.2 * (text.CountOf(last.Stem) - 1));
        score += context switch { <= 0 => -1.3, 1 => -0.3, 2 => 0.2, _ => 0.4 };
        if (previous is not null && (NamingWords.Contains(previous.Lower) || (previous.Is("as", "als") && span.From > 1 && NamingWords.Contains(tokens[span.From - 2].Lower))))
            score += 1.2;
        else if (verb > 0 && span.To == verb && span.From <= 2)
            score += 0.6;
        else if (verb > 0 && span.From == verb + 1)
            score += 0.1;
        if (previous is null or { Tag: Tag.Adjective } && span.From > 0)
            score -= 0.5;
        if (previous?.Tag == Tag.Preposition && span.From > verb)
            score -= 0.1;
        if (previous?.Is("a", "an", "ein", "eine", "einen", "einem", "einer") == true)
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

    private static (int From, int To, double Score, string Hint)? NumberScore(SourceSentence sentence, SourceText text, int index, int anchors)
    {
        var tokens = sentence.Tokens;
        var token = tokens[index];
        if (token.Tag != Tag.Number || !sentence.IsTopLevel(index) || !token.Text.All(letter => char.IsDigit(letter) || letter is '.' or ','))
            return null;
        var previous = index > 0 ? tokens[index - 1] : null;
        var next = index + 1 < tokens.Count ? tokens[index + 1] : null;
        var start = token.Token.Start;
        if (start > 0 && sentence.Text[start - 1] is '-' or '–' or '/' or ':' or '.' or '+' or '−' || token.Token.End < sentence.Text.Length && sentence.Text[token.Token.End] is '-' or '–' or '/' or ':' or '\'' or '’')
            return null;
        if (next is not null && (Coordinators.Contains(next.Lower) || next.Is("to")) && index + 2 < tokens.Count && tokens[index + 2].Tag == Tag.Number)
            return null;
        if (previous is not null && (Coordinators.Contains(previous.Lower) || previous.Is("to")) && index > 1 && tokens[index - 2].Tag is Tag.Number or Tag.Unit || (previous is not null && previous.Is("and", "und") && tokens.Take(index).Any(token => token.Is("between", "zwischen"))))
            return null;
        if (next?.Text == "." && index + 1 < sentence.End || previous?.Tag == Tag.Name && !text.IsGerman && previous.Text.Length < 3)
            return null;
        var context = anchors switch { <= 0 => -1.2, 1 => -0.2, 2 => 0.2, _ => 0.4 };
        if (text.IsGerman ? GermanClause.IsYear(sentence, index) && !(next is not null && UnitWords.Contains(next.Lower)) : EnglishClause.IsYear(sentence, index) && !(next is not null && UnitWords.Contains(next.Lower)))
            return previous?.Tag == Tag.Number || (previous is not null && previous.Is("until", "since", "bis", "seit") && false) ? null : (index, index + 1, 2.7 + context, previous?.Is("jahr", "jahre", "jahres", "year") == true ? "" : text.IsGerman ? " (Jahr)" : " (year)");
        var others = tokens.Take(sentence.End).Count(other => other.Tag == Tag.Number && other.Text.All(char.IsDigit)) > 1;
        var unit = next?.Tag == Tag.Unit || (next is not null && UnitWords.Contains(next.Lower));
        // "at 20 °C" is a condition more often than the point.
        if (unit)
            return (index, index + 1, 2.9 + context - (others && previous?.Is("at", "bei") == true && !(index > 1 && tokens[index - 2].Is("liegt", "liegen", "lag", "boils", "melts", "freezes", "loaf")) ? 0.7 : 0), "");
        return next?.IsNominal == true && token.Text != "1" && !GermanClause.IsMonth(next) && !(next.Tag == Tag.Name && !text.IsGerman) ? (index, index + 1, 2.5 + context, "") : null;
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
        if (lead > 0 && before.Length > 0)
            before = char.ToUpperInvariant(before[0]) + before[1..];
        var front = SourceSentence.OnOneLine(before + OfflineCardWriter.Blank + hint + after);
        return new Candidate(front, sentence.Raw(from, to), sentence, score - (lead > 0 ? 0.3 : 0), IsCloze: true);
    }
}
