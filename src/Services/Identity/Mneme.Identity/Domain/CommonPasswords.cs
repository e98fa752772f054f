using System.Collections.Frozen;

namespace Mneme.Identity.Domain;

/// <summary>
/// Passwords that are tried first, because breaches show how many people choose them: a list of words, names, keyboard walks and whole passwords, each
/// also with the decorations that people add (a year, digits, punctuation, capitals, digits for letters), and rows of one character or in sequence.
/// </summary>
internal static class CommonPasswords
{
    /// <summary>Words of the list, without their decorations.</summary>
    public static int Count => Words.Count;

    private const int LongestDecoration = 6;

    private static readonly FrozenSet<string> Words = Load();

    private static readonly string[] Rows = ["abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiopü", "asdfghjklöä", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"];

    public static bool Contain(string password)
    {
        var text = password.ToLowerInvariant();
        return Listed(text) || Listed(Plain(text)) || IsRepetition(text) || IsSequence(text);
    }

    /// <summary>Without the digits and signs that people put before or behind a word.</summary>
    public static string WithoutDecoration(string text)
    {
        var bare = text.AsSpan();
        var end = bare.Length;
        while (end > 0 && text.Length - end < LongestDecoration && !char.IsLetter(bare[end - 1]))
            end--;
        var start = 0;
        while (start < end && start < LongestDecoration && !char.IsLetter(bare[start]))
            start++;
        return text[start..end];
    }

    private static bool Listed(string text)
    {
        if (Words.Contains(text))
            return true;
        var bare = WithoutDecoration(text);
        if (bare.Length >= 3 && (Words.Contains(bare) || Words.Contains(Plain(bare))))
            return true;
        // password-password, and two of the commonest words in a row such as ilovefootball stay a list's business.
        return bare.Length >= 6 && bare.Length % 2 == 0 && bare[..(bare.Length / 2)] == bare[(bare.Length / 2)..] && Words.Contains(bare[..(bare.Length / 2)]);
    }

    /// <summary>Letters for the digits and signs that stand for them.</summary>
    private static string Plain(string text) => string.Create(text.Length, text, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = source[i] switch
            {
                '0' => 'o',
                '1' or '!' or '|' => 'i',
                '3' or '€' => 'e',
                '4' or '@' => 'a',
                '5' or '$' => 's',
                '7' => 't',
                '8' => 'b',
                '9' => 'g',
                var c => c,
            };
        }
    });

    /// <summary>One to four characters over and over.</summary>
    private static bool IsRepetition(string text) =>
        Enumerable.Range(1, 4).Any(period => Enumerable.Range(period, Math.Max(0, text.Length - period)).All(i => text[i] == text[i - period]));

    /// <summary>A piece of the alphabet, of the digits or of a keyboard's row, forwards or backwards, once or as two halves.</summary>
    private static bool IsSequence(string text)
    {
        static bool InRow(string piece)
        {
            var backwards = new string([.. piece.Reverse()]);
            return Rows.Any(row => row.Contains(piece, StringComparison.Ordinal) || row.Contains(backwards, StringComparison.Ordinal));
        }

        return InRow(text) || Enumerable.Range(3, Math.Max(0, text.Length - 5)).Any(cut => InRow(text[..cut]) && InRow(text[cut..]));
    }

    private static FrozenSet<string> Load()
    {
        using var reader = new StreamReader(typeof(CommonPasswords).Assembly.GetManifestResourceStream("Mneme.Identity.Domain.common-passwords.txt")!);
        var words = new HashSet<string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                words.UnionWith(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return words.ToFrozenSet(StringComparer.Ordinal);
    }
}
