using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>The subject of an English statement, as it can stand inside a question.</summary>
/// <param name="Phrase">"the heart", "photosynthesis", "Isaac Newton".</param>
/// <param name="From">First token.</param>
/// <param name="To">Token after the last.</param>
/// <param name="IsPlural">Takes "are" and "do".</param>
/// <param name="IsPerson">Asked for with "who".</param>
/// <param name="IsSpecific">Its head is a term or a name rather than a general noun.</param>
/// <param name="Head">The token that carries it.</param>
internal sealed record EnglishSubject(string Phrase, int From, int To, bool IsPlural, bool IsPerson, bool IsSpecific, TaggedToken Head)
{
    private const int MostWords = 9;

    private static readonly string[] ProperKinds = ["capital", "city", "town", "river", "country", "island", "mountain", "lake", "state", "company", "planet", "village", "volcano", "moon", "region", "software", "framework", "platform", "website", "app", "browser", "newspaper", "novel", "opera"];

    /// <summary>Reads tokens from…to as a subject, or answers null when they are none that can be asked about out of context.</summary>
    internal static EnglishSubject? Read(SourceSentence sentence, SourceText text, int from, int to)
    {
        var tokens = sentence.Tokens;
        to = WithoutApposition(sentence, from, to);
        if (sentence.Antecedent is { IsSubject: true } meant && meant.Index >= from && meant.Index < to)
        {
            return Enumerable.Range(from, to - from).All(index => index == meant.Index || tokens[index].Tag == Tag.Adverb)
                ? new EnglishSubject(meant.Phrase, meant.Index, meant.Index + 1, meant.IsPlural, meant.IsPerson, IsSpecific: true, meant.Head)
                : null;
        }
        if (to <= from || to - from > MostWords + 3)
            return null;
        var head = -1;
        var complemented = false;
        var inRelative = false;
        for (var index = from; index < to; index++)
        {
            var token = tokens[index];
            if (sentence.Depths[index] > 0)
            {
                if (token.Text is "(" && index == from)
                    return null;
                continue;
            }
            // Up to the main verb, what follows belongs to the relative clause.
            if (head >= 0 && token.Is("that", "which", "who"))
            {
                complemented = true;
                inRelative = true;
            }
            if (inRelative)
                continue;
            switch (token.Tag)
            {
                case Tag.Determiner when index > from && token.Is("the", "a", "an", "most", "many", "more", "all", "some"):
                case Tag.Determiner when index == from && token.Is("the", "a", "an"):
                case Tag.Adjective or Tag.Gerund or Tag.Participle or Tag.Adverb or Tag.Number when index > from || token.Tag is Tag.Adjective or Tag.Gerund or Tag.Participle:
                case Tag.Conjunction when token.Is("and", "or") && index > from:
                    if (token.Tag == Tag.Gerund && head < 0)
                        head = index;
                    continue;
                case Tag.Preposition when index > from && token.Is("of", "in", "for", "between", "on", "to", "from", "with", "at", "by", "against"):
                    complemented |= head >= 0;
                    continue;
                case Tag.Punctuation when token.Text is "-" or "–" or "." && index > from:
                    continue;
                case Tag.Noun or Tag.Term or Tag.Name:
                    if (!complemented)
                        head = index;
                    continue;
                default:
                    return null;
            }
        }
        if (head < 0 || !(inRelative || tokens[to - 1].IsNominal || tokens[to - 1].Tag is Tag.Gerund or Tag.Number || tokens[to - 1].Text == ")"))
            return null;
        return Judge(sentence, text, from, to, head, complemented);
    }

    private static EnglishSubject? Judge(SourceSentence sentence, SourceText text, int from, int to, int head, bool complemented)
    {
        var tokens = sentence.Tokens;
        for (var index = from; index < to; index++)
        {
            if (tokens[index].IsNominal && Standalone.IsBareDefinite(sentence, index, text))
                return null;
        }
        var noun = tokens[head];
        var definite = tokens[from].Is("the");
        var general = noun.Tag == Tag.Noun;
        var anyTerm = false;
        for (var index = from; index < to; index++)
            anyTerm |= tokens[index].Tag is Tag.Term or Tag.Name || (tokens[index].Tag is Tag.Adjective or Tag.Gerund && tokens[index].Classes == WordClasses.None);
        // "The main reason", "the first step": nothing says of what.
        if (!tokens[from].Is("a", "an") && general && !complemented && !anyTerm && noun.Classes.HasFlag(WordClasses.Anaphoric))
            return null;
        if (!complemented && Standalone.IsRanked(sentence, from, head))
            return null;
        if (definite && general && complemented && !anyTerm && noun.Classes.HasFlag(WordClasses.Anaphoric) && tokens[to - 1].Classes.HasFlag(WordClasses.Anaphoric))
            return null;
        var plural = noun.Tag == Tag.Name ? false : LooksPlural(noun.Lower);
        var conjoined = Enumerable.Range(from, to - from).Any(index => tokens[index].Is("and") && sentence.IsTopLevel(index) && !complemented);
        var person = ProperNames.IsFirstName(tokens[from].Text) && noun.Tag is Tag.Name or Tag.Term && !complemented && to - from > 1 && from == head - (head - from);
        return new EnglishSubject(InQuestion(sentence, text, from, to), from, to, plural || conjoined, person, !general || anyTerm || text.IsSubjectMatter(noun), noun);
    }

    internal static bool LooksPlural(string noun) =>
        (noun.EndsWith('s') && !noun.EndsWith("ss", StringComparison.Ordinal) && !noun.EndsWith("us", StringComparison.Ordinal) && !noun.EndsWith("is", StringComparison.Ordinal) && !noun.EndsWith("ics", StringComparison.Ordinal))
        || noun is "people" or "children" or "men" or "women" or "mitochondria" or "bacteria" or "fungi" or "algae" or "phenomena" or "criteria" or "data" or "mice" or "feet" or "teeth" or "nuclei" or "larvae" or "stimuli";

    // "Photosynthesis, also called …," and "the euro, or …,": the name before the comma is enough.
    private static int WithoutApposition(SourceSentence sentence, int from, int to)
    {
        if (to - from < 4 || sentence.Tokens[to - 1].Text != ",")
            return to;
        for (var index = from + 1; index < to - 2; index++)
        {
            if (sentence.Tokens[index].Text != "," || !sentence.IsTopLevel(index))
                continue;
            var next = sentence.Tokens[index + 1];
            var named = next.Is("also", "or", "sometimes", "often", "commonly") || next.Is("known", "called", "abbreviated") || next.Is("a", "an", "the") || next.Tag == Tag.Participle;
            return named && !Enumerable.Range(index + 1, to - index - 2).Any(inner => sentence.Tokens[inner].Text == ",") ? index : to;
        }
        return to;
    }

    /// <summary>The stretch as it stands after the first word of a question.</summary>
    internal static string InQuestion(SourceSentence sentence, SourceText text, int from, int to)
    {
        var phrase = sentence.Flat(from, to);
        var first = sentence.Tokens[from];
        return from == 0 && !KeepsCapital(sentence, text, from, to) ? char.ToLowerInvariant(first.Text[0]) + phrase[1..] : phrase;
    }

    private static bool KeepsCapital(SourceSentence sentence, SourceText text, int from, int to)
    {
        var first = sentence.Tokens[from];
        if (text.IsCapitalInside(first.Text) || first.Text.Skip(1).Any(char.IsUpper) || first.Text.Any(char.IsDigit))
            return !(text.OccursInLowerCase(first.Text) && first.Classes != WordClasses.None);
        if (first.Text.Length == 1 && first.Lower != "a")
            return true;
        if (to - from > 1 && first.Tag != Tag.Determiner && (sentence.Tokens[from + 1].Tag == Tag.Name || (to - from > 2 && sentence.Tokens[from + 1].Is("and", "of", "the") && sentence.Tokens[from + 2].Tag == Tag.Name)))
            return true;
        if (text.OccursInLowerCase(first.Text) || first.Classes != WordClasses.None)
            return false;
        if (to - from > 1)
            return ProperNames.IsFirstName(first.Text) || first.Lower.EndsWith("ese", StringComparison.Ordinal) || first.Lower.EndsWith("ian", StringComparison.Ordinal) || first.Lower.EndsWith("'s", StringComparison.Ordinal) || first.Lower.EndsWith("’s", StringComparison.Ordinal);
        if (sentence.Tokens.Skip(to).Take(8).Any(token => Array.IndexOf(ProperKinds, token.Lower) >= 0) || ProperNames.IsFirstName(first.Text))
            return true;
        if (ProperNames.IsPlace(first.Text))
            return true;
        // Alone before a verb in the past it is most likely a name; in the present, the lower case is the likelier.
        return sentence.Tokens[to].Is("was", "were", "had") || (sentence.Tokens[to].Verb is { } verb && verb.Past == sentence.Tokens[to].Lower);
    }
}
