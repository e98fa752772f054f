namespace Mneme.Capture.Pages;

/// <summary>What a page says, without what surrounds it.</summary>
/// <param name="Title">The page's title, without the site's name where that can be told apart.</param>
/// <param name="Language">BCP 47 tag that the page gives, if any.</param>
/// <param name="Paragraphs">Plain text; headings, list items and code are paragraphs too.</param>
internal sealed record ReadablePage(string? Title, string? Language, IReadOnlyList<string> Paragraphs)
{
    public string Text => string.Join("\n\n", Paragraphs);
}
