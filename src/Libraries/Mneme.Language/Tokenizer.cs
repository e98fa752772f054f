using System.Globalization;

namespace Mneme.Language;

/// <summary>
/// Cuts text into words (with inner hyphens and apostrophes, and dotted abbreviations such as "U.S." or "z.B."), numbers
/// (with inner points and commas), unit signs, addresses and punctuation. White space is between tokens. Linear in the length of the text.
/// </summary>
public static class Tokenizer
{
    private const string Units = "%‰€$£¥§";

    /// <summary>The tokens of a text, in order.</summary>
    public static IReadOnlyList<Token> Tokenize(string text) => Tokenize(text, 0, text.Length);

    /// <summary>The tokens of a stretch of a text, with offsets in the whole text.</summary>
    public static IReadOnlyList<Token> Tokenize(string text, int start, int length)
    {
        var tokens = new List<Token>();
        var end = start + length;
        var position = start;
        while (position < end)
        {
            if (char.IsWhiteSpace(text[position]))
            {
                position++;
                continue;
            }
            var (next, kind) = Read(text, position, end);
            tokens.Add(new Token(position, next - position, kind, text[position..next]));
            position = next;
        }
        return tokens;
    }

    private static (int End, TokenKind Kind) Read(string text, int start, int end)
    {
        var first = text[start];
        if (AddressEnd(text, start, end) is var addressEnd && addressEnd > start)
            return (addressEnd, TokenKind.Address);
        if (char.IsDigit(first))
            return (NumberEnd(text, start, end), TokenKind.Number);
        if (IsWordPart(text, start))
            return (WordEnd(text, start, end), TokenKind.Word);
        if (first == '°' && start + 1 < end && text[start + 1] is 'C' or 'F' or 'K')
            return (start + 2, TokenKind.Unit);
        if (first == '°' || Units.Contains(first, StringComparison.Ordinal))
            return (start + 1, TokenKind.Unit);
        var pair = char.IsHighSurrogate(first) && start + 1 < end && char.IsLowSurrogate(text[start + 1]);
        return (start + (pair ? 2 : 1), TokenKind.Punctuation);
    }

    private static int AddressEnd(string text, int start, int end)
    {
        var rest = text.AsSpan(start, end - start);
        var isUrl = rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || rest.StartsWith("www.", StringComparison.OrdinalIgnoreCase);
        if (!isUrl && !IsMail(text, start, end))
            return start;
        var position = start;
        while (position < end && !char.IsWhiteSpace(text[position]) && text[position] is not ('<' or '>' or '"'))
            position++;
        while (position > start && text[position - 1] is '.' or ',' or ';' or ':' or '!' or '?' or ')' or ']' or '\'' or '”' or '“' or '»')
            position--;
        return position;
    }

    // Addresses are at most 64 characters before the @, which bounds the look ahead.
    private static bool IsMail(string text, int start, int end)
    {
        if (!char.IsAsciiLetterOrDigit(text[start]) || (start > 0 && char.IsLetterOrDigit(text[start - 1])))
            return false;
        for (var position = start + 1; position < end - 1 && position - start < 64; position++)
        {
            if (text[position] == '@')
                return char.IsAsciiLetterOrDigit(text[position + 1]);
            if (!char.IsAsciiLetterOrDigit(text[position]) && text[position] is not ('.' or '_' or '-' or '+'))
                return false;
        }
        return false;
    }

    private static int NumberEnd(string text, int start, int end)
    {
        var position = start;
        while (position < end)
        {
            if (char.IsDigit(text[position]))
                position++;
            else if (text[position] is '.' or ',' or '\'' && position + 1 < end && char.IsDigit(text[position + 1]))
                position += 2;
            else
                break;
        }
        // 16th, 1970s, 3D: letters right after the digits belong to the same word; units such as 5km too.
        while (position < end && IsWordPart(text, position))
            position++;
        return position;
    }

    private static int WordEnd(string text, int start, int end)
    {
        var position = start;
        while (position < end)
        {
            if (IsWordPart(text, position))
                position++;
            else if (text[position] is '-' or '\'' or '’' or '‐' or '‑' && position + 1 < end && IsWordPart(text, position + 1))
                position += 2;
            else if (IsInnerDot(text, start, position, end))
                position++;
            else
                break;
        }
        return position;
    }

    // "U.S.", "z.B.": single letters with full stops between and after them.
    private static bool IsInnerDot(string text, int start, int position, int end)
    {
        if (text[position] != '.' || !char.IsLetter(text[position - 1]))
            return false;
        var singleBefore = position - 1 == start || text[position - 2] == '.';
        if (!singleBefore)
            return false;
        return (position + 1 < end && char.IsLetter(text[position + 1])) || position - 1 > start;
    }

    private static bool IsWordPart(string text, int position)
    {
        var character = text[position];
        if (char.IsLetterOrDigit(character) || character == '_')
            return true;
        return !char.IsAscii(character) && CharUnicodeInfo.GetUnicodeCategory(character)
            is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber;
    }
}
