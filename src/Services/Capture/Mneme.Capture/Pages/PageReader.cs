using Mneme.Capture.Domain;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.Capture.Pages;

/// <summary>Fetches a page and reads what it says.</summary>
internal sealed class PageReader(SafeHttpClient http)
{
    private static readonly string[] MediaTypes = ["text/html", "application/xhtml+xml", "text/plain"];

    /// <exception cref="OutgoingException">It cannot be fetched.</exception>
    /// <exception cref="PageException">It cannot be read.</exception>
    public async Task<ReadablePage> ReadAsync(Uri address, CancellationToken ct)
    {
        var response = await http.GetAsync(address, MediaTypes, ct);
        var text = CharacterEncoding.Decode(response.Body, response.Charset);
        var page = response.MediaType == "text/plain" ? Plain(text) : Article.Read(HtmlPage.Parse(text));
        return page.Text.Length <= CapturedItem.MaxText
            ? page
            : throw new PageException($"The page has more than {CapturedItem.MaxText} characters of text. Capture the part that you want as text.");
    }

    private static ReadablePage Plain(string text)
    {
        var paragraphs = PlainText.Clean(text).Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return paragraphs.Length > 0 ? new ReadablePage(Title: null, Language: null, paragraphs) : throw new PageException("The page is empty.");
    }
}
