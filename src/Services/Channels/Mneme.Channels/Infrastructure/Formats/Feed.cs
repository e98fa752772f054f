using System.Text;
using System.Xml;
using Mneme.Channels.Domain;

namespace Mneme.Channels.Infrastructure.Formats;

/// <summary>A feed is not one that can be read; the message is for the person whose channel it is.</summary>
internal sealed class FeedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// RSS 2.0 (and its ancestors) and Atom (RFC 4287), read as a stream: no document type and no outside entity is accepted, nesting and entries are bounded, and no tree is built
/// that a hostile feed could make deep.
/// </summary>
internal static class Feed
{
    /// <summary>What is beyond the first so many entries of a feed is not looked at.</summary>
    public const int MaxEntries = 500;

    public static readonly string[] MediaTypes = ["application/rss+xml", "application/atom+xml", "application/xml", "text/xml", "application/rdf+xml"];

    private const int MaxDepth = 64;
    private const string ContentModule = "http://purl.org/rss/1.0/modules/content/";

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = 10_000_000,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <returns>Its entries in the order in which they stand there, which is usually the newest first; without those that say nothing.</returns>
    /// <exception cref="FeedException">It is no feed.</exception>
    public static IReadOnlyList<IncomingMessage> Read(byte[] body)
    {
        var entries = new List<IncomingMessage>();
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body), Settings);
            reader.MoveToContent();
            if (reader.LocalName is not ("rss" or "RDF" or "feed"))
                throw new FeedException("There is no feed at this address: it is neither RSS nor Atom.");
            while (entries.Count < MaxEntries && reader.Read())
            {
                Guard(reader);
                if (reader is { NodeType: XmlNodeType.Element, LocalName: "item" or "entry", IsEmptyElement: false } && ReadEntry(reader) is { } entry)
                    entries.Add(entry);
            }
        }
        catch (XmlException e)
        {
            throw new FeedException("What is at this address is not well-formed XML.", e);
        }

        return entries;
    }

    private static IncomingMessage? ReadEntry(XmlReader reader)
    {
        string? id = null, title = null, link = null, summary = null, content = null;
        var depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
            Guard(reader);
            if (reader.NodeType != XmlNodeType.Element || reader.Depth != depth + 1)
                continue;
            switch (reader.LocalName)
            {
                case "guid" or "id":
                    id = TextOf(reader);
                    break;
                case "title":
                    title = TextOf(reader);
                    break;
                case "link":
                    link = LinkOf(reader) ?? link;
                    break;
                case "description" or "summary":
                    summary = TextOf(reader);
                    break;
                case "content":
                case "encoded" when reader.NamespaceURI == ContentModule:
                    content = TextOf(reader);
                    break;
            }
        }

        // What has no id of its own is known by its address, and without that by what it says.
        return IncomingMessage.Of(Known(id) ?? Known(link) ?? $"{title}\n{content ?? summary}", HtmlText.Of(title ?? ""), HtmlText.Of(content ?? summary ?? ""), link);
    }

    /// <summary>RSS writes the address as the element's text, Atom as an attribute; of Atom's links the alternate one is the entry itself.</summary>
    private static string? LinkOf(XmlReader reader)
    {
        if (reader.GetAttribute("href") is { } href)
            return reader.GetAttribute("rel") is null or "alternate" ? href : null;
        return TextOf(reader).Trim();
    }

    /// <summary>All text within the present element, markup left out; ends at the element's end.</summary>
    private static string TextOf(XmlReader reader)
    {
        var text = new StringBuilder();
        if (reader.IsEmptyElement)
            return "";
        var depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
            Guard(reader);
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace)
                text.Append(reader.Value);
        }

        return text.ToString();
    }

    private static void Guard(XmlReader reader)
    {
        if (reader.Depth > MaxDepth)
            throw new FeedException("The feed is nested too deeply to be one.");
    }

    private static string? Known(string? id) => string.IsNullOrWhiteSpace(id) ? null : id.Trim();
}
