using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>The first constituent of a German statement, as it can stand inside a question.</summary>
/// <param name="Phrase">"das Herz", "die Photosynthese", "künstliche Intelligenz".</param>
/// <param name="From">First token.</param>
/// <param name="To">Token after the last.</param>
/// <param name="IsPerson">Asked for with "wer".</param>
/// <param name="IsSpecific">Its head is a term or a name rather than a general noun.</param>
/// <param name="Head">The token that carries it.</param>
internal sealed record GermanSubject(string Phrase, int From, int To, bool IsPerson, bool IsSpecific, TaggedToken Head)
{
    private const int MostWords = 10;

    internal static GermanSubject? Read(SourceSentence sentence, SourceText text, int from, int to)
    {
        var tokens = sentence.Tokens;
        if (sentence.Antecedent is { IsSubject: true, Index: 0 } meant && from == 0 && to == 1)
            return new GermanSubject(meant.Phrase, 0, 1, meant.IsPerson, IsSpecific: true, meant.Head);
        to = WithoutApposition(sentence, from, to);
        if (to <= from || to - from > MostWords + 3)
            return null;
        var head = -1;
        for (var index = from; index < to; index++)
        {
            var token = tokens[index];
            if (sentence.Depths[index] > 0)
            {
                if (index == from)
                    return null;
                continue;
            }
            switch (token.Tag)
            {
                case Tag.Determiner when index > from && !token.Is("viele", "einige", "andere", "mehrere", "diese", "dieser", "dieses"):
                case Tag.Determiner when token.Is("der", "die", "das", "ein", "eine"):
                case Tag.Adjective or Tag.Participle or Tag.Adverb when index > from || token.Tag == Tag.Adjective:
                case Tag.Number when index > from:
                case Tag.Conjunction when index > from && token.Is("und", "oder"):
                case Tag.Preposition when head >= 0:
                case Tag.Punctuation when index > from && token.Text is "-" or "–" or "." or "&":
                    continue;
                case Tag.Noun or Tag.Term or Tag.Name:
                    if (head < 0 || (head == index - 1 && token.Tag == Tag.Term))
                        head = index;
                    continue;
                case Tag.Verb when index > from && char.IsLower(token.Text[0]) && index + 1 < to && tokens[index + 1].IsNominal:
                    continue;
                default:
                    return null;
            }
        }
        if (head < 0 || !(tokens[to - 1].IsNominal || tokens[to - 1].Tag == Tag.Number || tokens[to - 1].Text == ")"))
            return null;
        return Judge(sentence, text, from, to, head);
    }

    private static GermanSubject? Judge(SourceSentence sentence, SourceText text, int from, int to, int head)
    {
        var tokens = sentence.Tokens;
        for (var index = from; index < to; index++)
        {
            if (tokens[index].IsNominal && Standalone.IsBareDefinite(sentence, index, text))
                return null;
        }
        var noun = tokens[head];
        var complemented = head < to - 1 && tokens[head + 1].Text != "(";
        var anyTerm = Enumerable.Range(from, to - from).Any(index => tokens[index].Tag is Tag.Term or Tag.Name || (tokens[index].Tag == Tag.Adjective && tokens[index].Classes == WordClasses.None));
        var general = noun.Tag == Tag.Noun;
        if (general && !complemented && !anyTerm && (tokens[from].Is("der", "die", "das") || head == from || tokens[from].Tag == Tag.Adjective) && noun.Classes.HasFlag(WordClasses.Anaphoric))
            return null;
        if (general && complemented && !anyTerm && noun.Classes.HasFlag(WordClasses.Anaphoric) && tokens[to - 1].Classes.HasFlag(WordClasses.Anaphoric))
            return null;
        if (!complemented && Standalone.IsRanked(sentence, from, head))
            return null;
        var person = ProperNames.IsFirstName(tokens[from].Text) && to - from > 1 && Enumerable.Range(from, to - from).All(index => tokens[index].IsNominal || sentence.Depths[index] > 0 || tokens[index].Is("von", "van", "der", "de", "."));
        return new GermanSubject(InQuestion(sentence, text, from, to), from, to, person, !general || anyTerm || text.IsSubjectMatter(noun), noun);
    }

    // "Die Photosynthese, auch … genannt," and "Der Bundestag, das Parlament …,": the name before the comma is enough.
    private static int WithoutApposition(SourceSentence sentence, int from, int to)
    {
        if (to - from < 4 || sentence.Tokens[to - 1].Text != ",")
            return to;
        for (var index = from + 1; index < to - 2; index++)
        {
            if (sentence.Tokens[index].Text == "," && sentence.IsTopLevel(index))
            {
                var plain = !Enumerable.Range(index + 1, to - index - 2).Any(inner => sentence.Tokens[inner].Text == "," || sentence.Tokens[inner].IsFinite);
                return plain && (sentence.Tokens[index + 1].Tag is Tag.Determiner || sentence.Tokens[index + 1].Is("auch", "kurz", "oft", "abgekürzt", "früher", "eigentlich")) ? index : to;
            }
        }
        return to;
    }

    /// <summary>The stretch as it stands after the verb of a question.</summary>
    internal static string InQuestion(SourceSentence sentence, SourceText text, int from, int to)
    {
        var phrase = sentence.Flat(from, to);
        var first = sentence.Tokens[from];
        var keeps = first.IsNominal || first.Tag == Tag.Name || from > 0 || (first.Tag == Tag.Adjective && text.IsCapitalInside(first.Text));
        return keeps ? phrase : char.ToLowerInvariant(phrase[0]) + phrase[1..];
    }
}
