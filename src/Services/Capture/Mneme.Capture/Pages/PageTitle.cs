using AngleSharp.Html.Dom;
using Mneme.Capture.Domain;

namespace Mneme.Capture.Pages;

/// <summary>A page's title without the site's name: from og:title, the title element, or the first heading.</summary>
internal static class PageTitle
{
    private static readonly string[] Separators = [" | ", " – ", " — ", " - ", " · ", " :: ", " » "];

    public static string? Of(IHtmlDocument document, PageOutline outline)
    {
        var heading = outline.Blocks.FirstOrDefault(block => block.Level == 1)?.Text;
        var given = Line(document.AttributeOf("meta", "property", "og:title", "content")) ?? Line(document.Title);
        if (given is null)
            return Line(heading);
        if (Line(heading) is { Length: >= 3 } h1 && given.Contains(h1, StringComparison.Ordinal))
            return h1;
        var site = Line(document.AttributeOf("meta", "property", "og:site_name", "content"));
        foreach (var separator in Separators)
        {
            if (site is not null && given.EndsWith(separator + site, StringComparison.OrdinalIgnoreCase) && given.Length > separator.Length + site.Length)
                return given[..^(separator.Length + site.Length)];
        }

        return given;
    }

    private static string? Line(string? text) => PlainText.OneLine(text, CapturedItem.MaxTitle);
}
