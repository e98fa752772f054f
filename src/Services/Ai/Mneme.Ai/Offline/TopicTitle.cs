using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>Finds a short title: a heading the text brings along, else its main subject.</summary>
internal static class TopicTitle
{
    private const int LongestHeading = 70;
    private const int MostSentences = 200;

    internal static string Of(SourceText text)
    {
        if (Heading(text) is { } heading)
            return heading;
        var best = "";
        var bestScore = double.MinValue;
        var length = Math.Clamp(text.Sentences.Count, 1, MostSentences);
        foreach (var sentence in text.Sentences.Take(MostSentences))
        {
            foreach (var span in TermSpan.In(sentence, text))
            {
                var score = Score(sentence, text, span, length);
                if (score > bestScore)
                {
                    bestScore = score;
                    best = Capitalised(sentence.Flat(span.From, span.To));
                }
            }
        }
        return best.Length > 0 ? best : FirstWord(text);
    }

    private static string? Heading(SourceText text)
    {
        if (text.Sentences.Count < 2 || text.Sentences[0] is not { Span.Kind: SentenceKind.Fragment } first || text.Sentences[1].Span.Block == first.Span.Block)
            return null;
        var words = first.WordCount;
        var heading = SourceSentence.OnOneLine(first.Text).TrimEnd(':', '-', '–', ' ', '#', '*');
        return words is >= 1 and <= 9 && heading.Length is >= 3 and <= LongestHeading && first.Tokens.Any(token => token.IsNominal || token.Tag == Tag.Adjective) && !first.Tokens.Any(token => token.Tag == Tag.Address)
            ? heading
            : null;
    }

    private static double Score(SourceSentence sentence, SourceText text, TermSpan span, int sentences)
    {
        var tokens = sentence.Tokens;
        var head = tokens[span.To - 1];
        if (head.Text.Length < 3 || sentence.Depths[span.From] > 0)
            return double.MinValue;
        if (head.Tag == Tag.Noun && head.Classes.HasFlag(WordClasses.Verb) && !text.IsGerman || Enumerable.Range(span.From, span.Length).Any(index => ClozeWriter.IsUnitWord(tokens[index])))
            return double.MinValue;
        var score = Enumerable.Range(span.From, span.Length).Average(index => Math.Min(4.5, text.CountOf(tokens[index].Stem) + (0.35 * text.CompoundsOf(tokens[index].Stem))));
        score += span.Length == 1 ? 0 : span.IsName ? 0.8 : 0.4;
        score += span.IsTerm ? 1.2 : -0.6;
        score += 1.5 * (1 - (sentence.Index / (double)sentences));
        if (span.Length > 4)
            score -= 1;
        var verb = text.IsGerman ? GermanClause.MainVerb(sentence) : EnglishClause.MainVerb(sentence, 0);
        var fronted = !sentence.Tokens.Take(span.From).Any(token => token.Tag is Tag.Preposition or Tag.Verb or Tag.Pronoun);
        if (verb > 0 && span.To <= verb)
            score += sentence.Index == 0 ? (fronted ? 2.2 : 1.5) : fronted ? 0.8 : 0;
        // "Walter Gropius gründete das Bauhaus" is about what was founded.
        if (verb > 0 && span.To == verb && ProperNames.IsFirstName(tokens[span.From].Text) && tokens[verb].Tag == Tag.Verb)
            score -= 1.6;
        // "X is a …" tells what the text is about, and gives the name in its basic form.
        if (verb > 0 && span.To == verb && tokens[verb].Is("is", "are", "was", "were", "ist", "sind", "war", "waren"))
            score += 0.6;
        if (GermanClause.IsMonth(head) || head.Classes.HasFlag(WordClasses.Anaphoric) && span.Length == 1)
            score -= 1.2;
        // After a genitive article or an inflected preposition the form may not be the basic one.
        if (text.IsGerman && span.From > 0 && tokens[span.From - 1].Is("des", "dem", "den", "der") && verb > 0 && span.From > verb)
            score -= 0.6;
        return score;
    }

    private static string Capitalised(string phrase) => phrase.Length == 0 ? phrase : char.ToUpperInvariant(phrase[0]) + phrase[1..];

    private static string FirstWord(SourceText text) =>
        text.Sentences.SelectMany(sentence => sentence.Tokens).Where(token => token.Tag is not (Tag.Punctuation or Tag.Address)).Select(token => Capitalised(token.Text)).FirstOrDefault() ?? "";
}
