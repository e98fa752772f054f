using System.Net;
using System.Text;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>
/// The text of a piece of HTML, as feeds and mails hold it: tags go, blocks become lines, scripts and styles say nothing. One pass without a tree, so that nesting
/// costs nothing; what comes out is text and is never shown as HTML.
/// </summary>
internal static class HtmlText
{
    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "section", "article", "header", "footer", "title",
    };

    private static readonly string[] Silent = ["script", "style", "head", "noscript", "template"];

    public static string Of(string html)
    {
        var text = new StringBuilder(html.Length);
        var i = 0;
        while (i < html.Length)
        {
            if (html[i] != '<')
            {
                var end = html.IndexOf('<', i);
                end = end < 0 ? html.Length : end;
                text.Append(WebUtility.HtmlDecode(html[i..end]));
                i = end;
            }
            else if (html.AsSpan(i).StartsWith("<!--", StringComparison.Ordinal))
            {
                i = After(html, "-->", i + 4);
            }
            else
            {
                i = SkipTag(html, i, text);
            }
        }

        return text.ToString();
    }

    /// <returns>Where the text goes on.</returns>
    private static int SkipTag(string html, int start, StringBuilder text)
    {
        var nameStart = start + 1 < html.Length && html[start + 1] == '/' ? start + 2 : start + 1;
        if (nameStart >= html.Length || !char.IsAsciiLetter(html[nameStart]) && html[nameStart] is not ('!' or '?'))
        {
            // A lone "<", as in "a < b".
            text.Append('<');
            return start + 1;
        }

        var nameEnd = nameStart;
        while (nameEnd < html.Length && char.IsAsciiLetterOrDigit(html[nameEnd]))
            nameEnd++;
        var name = html[nameStart..nameEnd];
        if (Blocks.Contains(name))
            text.Append('\n');
        var end = After(html, ">", nameEnd);
        return nameStart == start + 1 && Silent.Contains(name, StringComparer.OrdinalIgnoreCase) ? At(html, $"</{name}", end) : end;
    }

    private static int At(string html, string mark, int from) => html.IndexOf(mark, from, StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? at : html.Length;

    private static int After(string html, string mark, int from) => html.IndexOf(mark, from, StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? at + mark.Length : html.Length;
}
