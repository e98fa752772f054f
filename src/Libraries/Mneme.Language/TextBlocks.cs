using System.Runtime.InteropServices;

namespace Mneme.Language;

/// <summary>
/// Paragraphs, headings and list items. A line break ends a block unless the line was only wrapped: the next line starts in lower
/// case, or its first word would not have fitted any more.
/// </summary>
internal static class TextBlocks
{
    private const int ShortestWrap = 40;

    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Block(int Start, int End, bool IsListItem, bool IsHeading);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Line(int Start, int End)
    {
        internal int Length => End - Start;
    }

    internal static IEnumerable<Block> Of(string text)
    {
        var paragraph = new List<Line>();
        foreach (var line in Lines(text))
        {
            if (line.Length > 0)
            {
                paragraph.Add(line);
                continue;
            }
            foreach (var block in InParagraph(text, paragraph))
                yield return block;
            paragraph.Clear();
        }
        foreach (var block in InParagraph(text, paragraph))
            yield return block;
    }

    private static IEnumerable<Block> InParagraph(string text, List<Line> lines)
    {
        if (lines.Count == 0)
            yield break;
        var width = lines.Max(line => line.Length);
        var first = 0;
        for (var index = 0; index < lines.Count; index++)
        {
            if (index + 1 < lines.Count && IsWrapped(text, lines[index], lines[index + 1], width))
                continue;
            yield return ToBlock(text, lines[first].Start, lines[index].End);
            first = index + 1;
        }
    }

    private static Block ToBlock(string text, int start, int end)
    {
        var heading = text[start] == '#' || text[start] == '=';
        var content = MarkerEnd(text, start, end);
        return new Block(content, end, content > start && !heading, heading);
    }

    private static bool IsWrapped(string text, Line line, Line next, int width)
    {
        if (MarkerEnd(text, next.Start, next.End) > next.Start)
            return false;
        var startsLower = char.IsLower(text[next.Start]);
        if (width < ShortestWrap)
            return startsLower;
        var wordEnd = next.Start;
        while (wordEnd < next.End && !char.IsWhiteSpace(text[wordEnd]) && wordEnd - next.Start < width)
            wordEnd++;
        return startsLower || line.Length + 1 + (wordEnd - next.Start) > width * 0.92;
    }

    /// <summary>Where the content begins after a list or heading mark; the start itself when there is none.</summary>
    private static int MarkerEnd(string text, int start, int end)
    {
        var position = start;
        if (text[position] is '-' or '*' or '•' or '–' or '·' or '▪' or '‣' or '+')
            position++;
        else if (text[position] == '#')
            while (position < end && text[position] == '#')
                position++;
        else
        {
            while (position < end && char.IsDigit(text[position]) && position - start < 3)
                position++;
            if (position == start && char.IsLetter(text[position]))
                position++;
            if (position == start || position >= end || !(text[position] == ')' || (text[position] == '.' && char.IsDigit(text[start]))))
                return start;
            position++;
        }
        if (position >= end || !char.IsWhiteSpace(text[position]))
            return start;
        while (position < end && char.IsWhiteSpace(text[position]))
            position++;
        return position < end ? position : start;
    }

    // Trimmed lines; a line separator ends one as well.
    private static IEnumerable<Line> Lines(string text)
    {
        var start = 0;
        while (start <= text.Length)
        {
            var offset = text.AsSpan(start).IndexOfAny('\n', '\r', '\u2028');
            var end = offset < 0 ? text.Length : start + offset;
            var next = end + (end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n' ? 2 : 1);
            while (start < end && char.IsWhiteSpace(text[start]))
                start++;
            while (end > start && char.IsWhiteSpace(text[end - 1]))
                end--;
            yield return new Line(start, end);
            start = next;
        }
    }
}
