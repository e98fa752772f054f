using System.Globalization;
using System.Text;
using Mneme.Language;

namespace Mneme.Ai.Domain;

/// <summary>
/// Finds in a text what a model quotes from it. White space, case of quotation marks and kind of dash may differ; words may not. What is returned is the text's
/// own wording: the whole sentence around the quotation.
/// </summary>
internal sealed class Quotation
{
    private const int ShortestQuote = 8;
    private const int LongestSource = 600;

    private readonly string _text;
    private readonly string _folded;
    // For every character of the folded text, its place in the text.
    private readonly int[] _places;
    private readonly Lazy<IReadOnlyList<Sentence>> _sentences;

    public Quotation(string text, string? language)
    {
        _text = text;
        (_folded, _places) = Fold(text);
        _sentences = new Lazy<IReadOnlyList<Sentence>>(() => SentenceSplitter.Split(text, language));
    }

    /// <summary>The sentence or sentences of the text that the quotation stands in, with white space as single spaces; null if the text does not have it.</summary>
    public string? SourceOf(string quote)
    {
        var folded = Fold(quote).Text.Trim('"', ' ', '.');
        if (folded.Length < ShortestQuote && folded != _folded.Trim('"', ' ', '.'))
            return null;
        var at = _folded.IndexOf(folded, StringComparison.Ordinal);
        if (at < 0 || folded.Length == 0)
            return null;
        var start = _places[at];
        var end = _places[at + folded.Length - 1] + 1;
        var touched = _sentences.Value.Where(sentence => sentence.Start < end && sentence.End > start).ToList();
        if (touched.Count > 0 && touched[^1].End - touched[0].Start <= LongestSource)
            (start, end) = (Math.Min(start, touched[0].Start), Math.Max(end, touched[^1].End));
        return end - start > LongestSource ? null : PlainText.Line(_text[start..end]);
    }

    /// <summary>Whether the text has these characters, white space aside.</summary>
    public bool Has(string part) => _folded.Contains(Fold(part).Text, StringComparison.OrdinalIgnoreCase);

    private static (string Text, int[] Places) Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        var places = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c))
            {
                if (folded.Length == 0 || folded[^1] == ' ')
                    continue;
                c = ' ';
            }
            else if (char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.Control)
            {
                continue;
            }

            // A combining mark is folded into its letter, so that both forms of "é" are the same.
            if (i + 1 < text.Length && char.GetUnicodeCategory(text[i + 1]) == UnicodeCategory.NonSpacingMark
                && text.AsSpan(i, 2).ToString().Normalize(NormalizationForm.FormC) is { Length: 1 } composed)
            {
                c = composed[0];
                Add(c, i++);
                continue;
            }

            Add(c, i);
        }

        return (folded.ToString(), [.. places]);

        void Add(char c, int place)
        {
            var replacement = c switch
            {
                '„' or '“' or '”' or '«' or '»' or '‟' => "\"",
                '‘' or '’' or '‚' or '‛' or '‹' or '›' => "'",
                '‐' or '‑' or '–' or '—' or '−' => "-",
                '…' => "...",
                _ => null,
            };
            if (replacement is null)
                folded.Append(c);
            else
                folded.Append(replacement);
            for (var n = 0; n < (replacement?.Length ?? 1); n++)
                places.Add(place);
        }
    }
}
