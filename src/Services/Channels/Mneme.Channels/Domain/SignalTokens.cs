using System.Buffers;
using System.Globalization;

namespace Mneme.Channels.Domain;

internal enum SignalTokenKind
{
    Word,
    Price,
    Mark,
    EndOfLine,
}

/// <summary>A word, price or mark of a message.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">A word in capitals; a mark as it is.</param>
/// <param name="Price">Of a price: greater than zero.</param>
/// <param name="IsCapitals">Of a word: whether the message writes it in capitals.</param>
/// <param name="IsAttached">Whether it follows what is before it without a space.</param>
internal readonly record struct SignalToken(SignalTokenKind Kind, string Text, decimal Price, bool IsCapitals, bool IsAttached);

/// <summary>Cuts a message into words, prices and marks, in one pass over its characters.</summary>
internal static class SignalTokens
{
    private const decimal MaxPrice = 1_000_000_000_000m;

    private static readonly SearchValues<char> InNumbers = SearchValues.Create("0123456789.,");

    public static List<SignalToken> Of(string text)
    {
        var tokens = new List<SignalToken>();
        var afterSpace = true;
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            if (c == '\n' || !char.IsWhiteSpace(c))
            {
                var end = EndOfToken(text, i);
                if (Read(text[i..end], afterSpace) is { } token)
                    tokens.Add(token);
                // "10%" and "×5" are sizes and leverages, not prices.
                if (end < text.Length && text[end] == '%' && tokens is [.., { Kind: SignalTokenKind.Price }])
                    tokens.RemoveAt(tokens.Count - 1);
                afterSpace = false;
                i = end;
            }
            else
            {
                afterSpace = true;
                i++;
            }
        }

        return tokens;
    }

    /// <summary>Letters and digits belong together, with dots and commas between digits; everything else stands alone.</summary>
    private static int EndOfToken(string text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || IsInsideNumber(text, start, end)))
            end++;
        return Math.Max(end, start + 1);
    }

    private static bool IsInsideNumber(string text, int start, int at) =>
        text[at] is '.' or ',' && at > start && char.IsAsciiDigit(text[at - 1]) && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]);

    private static SignalToken? Read(string text, bool afterSpace)
    {
        if (text == "\n")
            return new SignalToken(SignalTokenKind.EndOfLine, text, 0, IsCapitals: false, IsAttached: false);
        if (!char.IsAsciiLetterOrDigit(text[0]))
            return new SignalToken(SignalTokenKind.Mark, text, 0, IsCapitals: false, !afterSpace);
        if (text.Any(char.IsAsciiLetter) && !IsThousands(text))
            return new SignalToken(SignalTokenKind.Word, text.ToUpperInvariant(), 0, !text.Any(char.IsAsciiLetterLower), !afterSpace);
        return ParsePrice(text) is { } price ? new SignalToken(SignalTokenKind.Price, text, price, IsCapitals: false, !afterSpace) : null;
    }

    /// <summary><c>43k</c> and <c>43.5k</c>.</summary>
    private static bool IsThousands(string text) => text[^1] is 'k' or 'K' && text.Length > 1 && !text.AsSpan(0, text.Length - 1).ContainsAnyExcept(InNumbers);

    private static decimal? ParsePrice(string text)
    {
        var factor = IsThousands(text) ? 1000 : 1;
        var digits = factor == 1 ? text : text[..^1];
        // A comma is a decimal comma if it is the only one and no group of three follows: 1,0850 but 42,000 and 1,234,567.89.
        var comma = digits.IndexOf(',');
        var isDecimalComma = comma >= 0 && comma == digits.LastIndexOf(',') && !digits.Contains('.', StringComparison.Ordinal) && digits.Length - comma != 4;
        digits = isDecimalComma ? digits.Replace(',', '.') : digits.Replace(",", "", StringComparison.Ordinal);
        return digits.Length <= 24 && decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) && price is > 0 and < MaxPrice
            ? price * factor
            : null;
    }
}
