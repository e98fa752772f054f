using AngleSharp.Dom;

namespace Mneme.Capture.Pages;

/// <summary>What elements are for reading: blocks, headings, or nothing to read at all.</summary>
internal static class ElementKinds
{
    private static readonly HashSet<string> Blocks = new(StringComparer.Ordinal)
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption",
    };

    private static readonly HashSet<string> Skipped = new(StringComparer.Ordinal)
    {
        "applet", "audio", "button", "canvas", "datalist", "embed", "figcaption", "figure", "frame", "frameset", "head", "iframe", "input", "link", "map", "math", "meta", "meter",
        "noembed", "noframes", "noscript", "object", "optgroup", "option", "picture", "progress", "rp", "rt", "script", "select", "source", "style", "svg", "template", "textarea", "title",
        "track", "video",
    };

    private static readonly HashSet<string> Marks = new(StringComparer.Ordinal) { "anchor", "headerlink", "mw-editsection", "permalink", "reference" };

    public static bool IsBlock(IElement element) => Blocks.Contains(element.LocalName);

    /// <summary>Whether nothing in it is read: no text, not shown, or a mark that refers to a footnote.</summary>
    public static bool IsSkipped(IElement element) => Skipped.Contains(element.LocalName) || IsHidden(element) || IsMark(element);

    /// <summary>The kind that text inside takes on; null where it keeps that of what is around.</summary>
    public static BlockKind? BlockKindOf(IElement element) => element.LocalName switch
    {
        "h1" or "h2" or "h3" or "h4" or "h5" or "h6" => BlockKind.Heading,
        "li" or "dt" or "dd" => BlockKind.ListItem,
        "pre" => BlockKind.Preformatted,
        "div" or "section" or "article" or "td" or "th" or "blockquote" => BlockKind.Paragraph,
        _ => null,
    };

    public static int HeadingLevelOf(IElement element) => element.LocalName is ['h', >= '1' and <= '6' and var level] ? level - '0' : 0;

    private static bool IsHidden(IElement element)
    {
        if (element.HasAttribute("hidden") || string.Equals(element.GetAttribute("aria-hidden"), "true", StringComparison.OrdinalIgnoreCase))
            return true;
        if (element.GetAttribute("style") is not { Length: > 0 } style)
            return false;
        var compact = string.Concat(style.Where(c => !char.IsWhiteSpace(c)));
        return compact.Contains("display:none", StringComparison.OrdinalIgnoreCase) || compact.Contains("visibility:hidden", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Footnotes' numbers, and the signs beside a heading that link to it or edit it.</summary>
    private static bool IsMark(IElement element)
    {
        if (element.LocalName is not ("sup" or "a" or "span"))
            return false;
        if (element.ClassList.Any(Marks.Contains))
            return true;
        INode node = element;
        while (node.ChildNodes.Length == 1)
            node = node.FirstChild!;
        return node is IText { Data: { Length: < 12 } text } && text.Trim() is var mark
            && (element.LocalName == "sup" && mark is ['[', .., ']'] || element.LocalName != "span" && mark is "↑" or "¶" or "#" or "§" or "🔗");
    }
}
