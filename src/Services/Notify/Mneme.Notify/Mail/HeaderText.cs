using System.Text;

namespace Mneme.Notify.Mail;

/// <summary>Text in header fields (RFC 5322 §2.2, RFC 2047). Control characters become spaces, so no text can begin a header of its own.</summary>
internal static class HeaderText
{
    private const string Prefix = "=?utf-8?B?";
    private const string Suffix = "?=";

    // A line with an encoded word has at most 76 characters, and the first begins with "Subject: ": 52 are left for Base64, which holds 39 bytes.
    private const int BytesPerWord = 39;
    private const int LongestPlain = 60;

    /// <summary>Unstructured text, such as a subject.</summary>
    public static string Encode(string text)
    {
        var clean = Clean(text);
        return clean.Length <= LongestPlain && Ascii.IsValid(clean) && !clean.Contains("=?", StringComparison.Ordinal) ? clean : EncodedWords(clean);
    }

    /// <summary>A mailbox: <c>"Ada" &lt;ada@example.org&gt;</c>.</summary>
    public static string Mailbox(string name, MailAddress address)
    {
        var clean = Clean(name);
        if (clean.Length == 0)
            return address.ToString();
        return clean.Length <= LongestPlain && Ascii.IsValid(clean) && !clean.Contains("=?", StringComparison.Ordinal)
            ? $"\"{clean.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\" <{address}>"
            : $"{EncodedWords(clean)}\r\n <{address}>";
    }

    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)).Trim();

    /// <summary>One or more encoded words on lines of their own; no character is split between two.</summary>
    private static string EncodedWords(string text)
    {
        var words = new List<string>();
        var word = new List<byte>(BytesPerWord);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            if (word.Count + length > BytesPerWord)
                Flush();
            word.AddRange(utf8[..length]);
        }

        Flush();
        return string.Join("\r\n ", words);

        void Flush()
        {
            words.Add(Prefix + Convert.ToBase64String([.. word]) + Suffix);
            word.Clear();
        }
    }
}
