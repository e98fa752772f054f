using System.Text;
using Mneme.Capture.Domain;

namespace Mneme.Capture.Pages;

/// <summary>What can be said of a piece of text without knowing its language.</summary>
internal static class Prose
{
    public static string Clean(string text, bool isPreformatted)
    {
        var clean = PlainText.Clean(text);
        if (isPreformatted)
            return clean;
        var lines = clean.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return string.Join('\n', lines).Normalize(NormalizationForm.FormC);
    }

    /// <summary>Characters, where one of a script that needs fewer of them for the same (Chinese, Japanese, Korean) counts as two and a half.</summary>
    public static int LengthOf(string text)
    {
        var dense = text.Count(c => c is >= '\u2e80' and <= '\u9fff' or >= '\uac00' and <= '\ud7af' or >= '\uf900' and <= '\ufaff');
        return text.Length + dense * 3 / 2;
    }

    /// <summary>Whether it ends like a sentence, closing quotes and brackets aside.</summary>
    public static bool EndsLikeSentence(string text)
    {
        var last = text.AsSpan().TrimEnd("\"'”“’»«)]› ");
        return last.Length > 0 && last[^1] is '.' or '!' or '?' or ':' or ';' or '…' or '。' or '！' or '？' or '।' or '؟';
    }
}
