using System.Text;
using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>A sentence with its tagged tokens; token offsets count from the start of the sentence.</summary>
internal sealed class SourceSentence
{
    internal SourceSentence(int index, Sentence span, string text, Lexicon lexicon)
    {
        Index = index;
        Span = span;
        Text = text;
        var tokens = Tokenizer.Tokenize(text);
        Tokens = lexicon.Language == "de" ? GermanTagger.Tag(tokens, lexicon) : EnglishTagger.Tag(tokens, lexicon);
        Depths = DepthsOf(Tokens);
        End = Tokens.Count;
        while (End > 0 && Tokens[End - 1].Tag == Tag.Punctuation && Tokens[End - 1].Text is "." or "!" or "?" or ";" or ":" or ",")
            End--;
    }

    internal int Index { get; }

    internal Sentence Span { get; }

    /// <summary>The sentence verbatim.</summary>
    internal string Text { get; }

    internal IReadOnlyList<TaggedToken> Tokens { get; }

    /// <summary>How many brackets and quotations are open at each token.</summary>
    internal int[] Depths { get; }

    /// <summary>Whom or what the leading pronoun means; null when there is none, or it cannot be told.</summary>
    internal Antecedent? Antecedent { get; set; }

    /// <summary>The number of tokens without the closing punctuation.</summary>
    internal int End { get; }

    internal int WordCount => Tokens.Count(token => token.Tag is not (Tag.Punctuation or Tag.Unit));

    /// <summary>The stretch of tokens from…to (exclusive), verbatim.</summary>
    internal string Raw(int from, int to) => from >= to ? "" : Text[Tokens[from].Token.Start..Tokens[to - 1].Token.End];

    /// <summary>The same on one line.</summary>
    internal string Flat(int from, int to) => OnOneLine(Raw(from, to));

    /// <summary>The same, with what a leading pronoun means in its place.</summary>
    internal string Resolved(int from, int to) => Antecedent is { IsSubject: true } meant && meant.Index >= from && meant.Index < to
        ? $"{Flat(from, meant.Index)} {meant.Phrase} {Flat(meant.Index + 1, to)}".Trim()
        : Flat(from, to);

    internal static string OnOneLine(string text)
    {
        var builder = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (!char.IsWhiteSpace(character))
                builder.Append(character);
            else if (builder.Length > 0 && builder[^1] != ' ')
                builder.Append(' ');
        }
        return builder.ToString().Trim();
    }

    /// <summary>True for a token outside brackets and quotations.</summary>
    internal bool IsTopLevel(int index) => Depths[index] == 0;

    private static int[] DepthsOf(IReadOnlyList<TaggedToken> tokens)
    {
        var depths = new int[tokens.Count];
        var depth = 0;
        var quoted = false;
        for (var index = 0; index < tokens.Count; index++)
        {
            switch (tokens[index].Text)
            {
                case "(" or "[" or "„" or "«":
                    depth++;
                    break;
                case "“" when !quoted && depth == 0:
                    depth++;
                    quoted = true;
                    break;
                case "\"" when !quoted:
                    quoted = true;
                    depth++;
                    break;
                case "\"":
                    quoted = false;
                    depths[index] = depth;
                    depth = Math.Max(0, depth - 1);
                    continue;
                case ")" or "]" or "“" or "”" or "»":
                    quoted = false;
                    depths[index] = depth;
                    depth = Math.Max(0, depth - 1);
                    continue;
            }
            depths[index] = depth;
        }
        return depths;
    }
}
