using System.Diagnostics;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Mneme.Capture.Pages;

/// <summary>
/// Parses HTML that may be hostile. Building the tree takes time that grows with the square of the nesting, and some sequences of formatting
/// elements make far more nodes than the page has tags, so nesting, number of elements and time are limited. Nothing is loaded and no script runs.
/// </summary>
internal static class HtmlPage
{
    /// <summary>Open tags that the parser has to remember at a time; each tag may look at all of them.</summary>
    public const int MaxOpenTags = 4_000;

    /// <summary>Far more than a page of 5 MB needs, and no more than memory bears.</summary>
    public const int MaxElements = 300_000;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    // Elements that hold nothing, or whose end tags are left out by custom, do not pile up.
    private static readonly HashSet<string> NotPiledUp = new(StringComparer.OrdinalIgnoreCase)
    {
        "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li", "link", "meta", "optgroup", "option", "p", "param", "rp", "rt",
        "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
    };

    /// <exception cref="PageException">The page is beyond the limits.</exception>
    public static IHtmlDocument Parse(string html)
    {
        if (PilesUpTags(html))
            throw TooComplicated();
        var start = Stopwatch.GetTimestamp();
        var elements = 0;
        return new HtmlParser(new HtmlParserOptions
        {
            IsScripting = false,
            SkipComments = true,
            // Deeper trees come about only where the quick look was deceived; nothing here walks a tree by recursion.
            MaximumDepth = 3 * MaxOpenTags,
            DisableElementPositionTracking = true,
            OnCreated = (_, _) =>
            {
                if (++elements > MaxElements || (elements & 63) == 0 && Stopwatch.GetElapsedTime(start) > MaxTime)
                    throw TooComplicated();
            },
        }).ParseDocument(html);
    }

    /// <summary>An attribute of the first element in the head that another attribute names, such as the content of the meta element og:title.</summary>
    public static string? AttributeOf(this IHtmlDocument document, string element, string keyAttribute, string key, string valueAttribute)
    {
        foreach (var candidate in document.Head?.Children ?? Enumerable.Empty<IElement>())
        {
            if (candidate.LocalName == element && string.Equals(candidate.GetAttribute(keyAttribute), key, StringComparison.OrdinalIgnoreCase)
                && candidate.GetAttribute(valueAttribute) is { Length: > 0 } value)
                return value;
        }

        return null;
    }

    /// <summary>A quick look before parsing, which takes as long as reading the text once. What it overlooks meets the time limit.</summary>
    private static bool PilesUpTags(string html)
    {
        var names = NotPiledUp.GetAlternateLookup<ReadOnlySpan<char>>();
        var open = 0;
        for (var at = html.IndexOf('<'); at >= 0; at = html.IndexOf('<', at + 1))
        {
            var isEnd = at + 1 < html.Length && html[at + 1] == '/';
            var start = isEnd ? at + 2 : at + 1;
            var end = start;
            while (end < html.Length && end - start < 16 && char.IsAsciiLetterOrDigit(html[end]))
                end++;
            if (end == start || names.Contains(html.AsSpan(start, end - start)))
                continue;
            open = isEnd ? Math.Max(0, open - 1) : open + 1;
            if (open > MaxOpenTags)
                return true;
        }

        return false;
    }

    private static PageException TooComplicated() => new("The page is too complicated to be read. Capture the part that you want as text.");
}
