namespace Mneme.Language;

/// <summary>
/// Finds the sentences of a text. It knows abbreviations ("z. B.", "Dr.", "e.g.", "U.S."), initials, German ordinals ("3. Mai",
/// "im 19. Jahrhundert"), decimals, addresses, quotations, parentheses and ellipses, joins wrapped lines, and keeps headings and list
/// items apart. Every sentence is a stretch of the text; stretches do not overlap and are in order. Linear in the length of the text.
/// </summary>
public static class SentenceSplitter
{
    private const int LongestParenthesis = 400;
    private const int LongestAbbreviation = 12;
    private const string Terminators = ".!?…";
    private const string Closers = ")]}\"'”“’‘»«›‹";
    private const string Openers = "([{\"'„“‚‘»«›‹*_";

    // These may be the last word of a sentence; what follows decides.
    private static readonly HashSet<string> CanEndSentence =
    [
        "etc", "usw", "inc", "ltd", "co", "corp", "u.s", "u.k", "u.n", "e.u", "d.c", "a.m", "p.m", "b.c", "a.d", "b.c.e", "c.e", "v.chr", "n.chr",
        "chr", "jr", "sr", "u.a", "o.ä", "u.ä", "ä", "a", "mio", "mrd", "jh", "jhd", "al", "u.s.a", "ph.d", "m.d", "std", "min", "sek", "tel",
        "sat", "sun", "may", "art", "st", "so", "do", "no", "max",
    ];

    // Abbreviations that are also everyday words end a sentence unless something that continues them follows.
    private static readonly HashSet<string> AlsoWords = ["no", "art", "so", "do", "sat", "sun", "may", "max", "mar", "fig", "min", "mi", "mo", "ed", "co", "rep", "gen", "st", "tel", "fa", "sec", "med", "all", "lit", "est"];

    /// <summary>The sentences of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="language">"de" or "en"; anything else is treated as English.</param>
    public static IReadOnlyList<Sentence> Split(string text, string? language)
    {
        var lexicon = Lexicon.For(language) ?? Lexicon.English;
        var sentences = new List<Sentence>();
        var number = 0;
        foreach (var block in TextBlocks.Of(text))
        {
            foreach (var (start, end) in InBlock(text, block.Start, block.End, lexicon))
                sentences.Add(new Sentence(start, end - start, KindOf(text, start, end, block), number));
            number++;
        }
        return sentences;
    }

    private static SentenceKind KindOf(string text, int start, int end, TextBlocks.Block block)
    {
        var last = end - 1;
        while (last > start && (Closers.Contains(text[last], StringComparison.Ordinal) || text[last] is '*' or '_'))
            last--;
        if (block.IsHeading || !Terminators.Contains(text[last], StringComparison.Ordinal))
            return SentenceKind.Fragment;
        return block.IsListItem ? SentenceKind.ListItem : SentenceKind.Sentence;
    }

    private static IEnumerable<(int Start, int End)> InBlock(string text, int start, int end, Lexicon lexicon)
    {
        var depth = 0;
        var opened = 0;
        var position = start;
        while (position < end)
        {
            var character = text[position];
            if (character is '(' or '[')
            {
                depth++;
                opened = position;
            }
            else if (character is ')' or ']')
                depth = Math.Max(0, depth - 1);
            if (!Terminators.Contains(character, StringComparison.Ordinal))
            {
                position++;
                continue;
            }
            if (position - opened > LongestParenthesis)
                depth = 0;
            var stop = RunEnd(text, position, end, out var closedParenthesis);
            if (depth > (closedParenthesis ? 1 : 0) || !IsBoundary(text, start, position, stop, end, lexicon))
            {
                position = Math.Max(position + 1, RunOfTerminators(text, position, end));
                continue;
            }
            yield return (start, stop);
            depth = 0;
            start = stop;
            while (start < end && char.IsWhiteSpace(text[start]))
                start++;
            position = start;
        }
        if (start < end)
            yield return (start, end);
    }

    private static int RunOfTerminators(string text, int position, int end)
    {
        while (position < end && Terminators.Contains(text[position], StringComparison.Ordinal))
            position++;
        return position;
    }

    // Terminators, then what closes behind them, then a reference such as [3].
    private static int RunEnd(string text, int position, int end, out bool closedParenthesis)
    {
        closedParenthesis = false;
        var stop = RunOfTerminators(text, position, end);
        while (stop < end && Closers.Contains(text[stop], StringComparison.Ordinal))
        {
            closedParenthesis |= text[stop] is ')' or ']';
            stop++;
        }
        while (stop + 2 < end && text[stop] == '[' && char.IsDigit(text[stop + 1]))
        {
            var close = text.IndexOf(']', stop, Math.Min(6, end - stop));
            if (close < 0)
                break;
            stop = close + 1;
        }
        return stop;
    }

    private static bool IsBoundary(string text, int start, int dot, int stop, int end, Lexicon lexicon)
    {
        if (stop >= end)
            return true;
        if (!char.IsWhiteSpace(text[stop]))
            return false;
        var next = stop;
        while (next < end && (char.IsWhiteSpace(text[next]) || Openers.Contains(text[next], StringComparison.Ordinal)))
            next++;
        if (next >= end)
            return true;
        if (char.IsLower(text[next]))
            return false;
        var single = text[dot] == '.' && (dot + 1 >= end || text[dot + 1] != '.');
        return !single || stop > dot + 1 || !IsInnerDot(WordBefore(text, start, dot), WordAt(text, next, end), lexicon);
    }

    // A full stop that belongs to the word before it, and the sentence goes on.
    private static bool IsInnerDot(string before, string after, Lexicon lexicon)
    {
        if (before.Length == 0)
            return false;
        var startsNewSentence = after.Length > 0 && lexicon.IsStopWord(after) && !(after.Length == 1 && after != "I");
        if (before.All(char.IsDigit))
            return lexicon.Language == "de" && before.Length <= 2 && !startsNewSentence;
        if (IsRoman(before) && before.Length > 1)
            return lexicon.Language == "de" && !startsNewSentence;
        if (before.Length == 1 && char.IsUpper(before[0]))
            return !startsNewSentence;
        if (!lexicon.IsAbbreviation(before) && !(lexicon.Language == "de" && before.EndsWith("str", StringComparison.Ordinal)))
            return false;
        var lower = before.ToLowerInvariant();
        if (AlsoWords.Contains(lower) && char.IsLower(before[0]))
            return after.Length > 0 && char.IsDigit(after[0]);
        return !(CanEndSentence.Contains(lower) && startsNewSentence);
    }

    private static bool IsRoman(string word) => word.All(letter => letter is 'I' or 'V' or 'X' or 'L');

    private static string WordBefore(string text, int start, int dot)
    {
        var from = dot;
        while (from > start && dot - from < LongestAbbreviation && (char.IsLetterOrDigit(text[from - 1]) || text[from - 1] == '.'))
            from--;
        return text[from..dot];
    }

    private static string WordAt(string text, int position, int end)
    {
        var to = position;
        while (to < end && to - position < 20 && char.IsLetterOrDigit(text[to]))
            to++;
        return text[position..to];
    }
}
