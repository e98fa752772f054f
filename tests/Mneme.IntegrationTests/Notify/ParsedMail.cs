using System.Text;

namespace Mneme.IntegrationTests.Notify;

/// <summary>A reader of mails, written from the RFCs and independent of the writer.</summary>
internal sealed class ParsedMail
{
    private readonly List<(string Name, string Value)> _headers = [];

    public ParsedMail(string message)
    {
        message.Replace("\r\n", "").ShouldNotContain('\r');
        message.Replace("\r\n", "").ShouldNotContain('\n');
        Lines = message.Split("\r\n");
        Lines.ShouldAllBe(line => Encoding.UTF8.GetByteCount(line) <= 998);
        var end = message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        foreach (var line in message[..end].Split("\r\n"))
        {
            if (line[0] is ' ' or '\t')
                _headers[^1] = (_headers[^1].Name, _headers[^1].Value + line);
            else
                _headers.Add((line.Split(':')[0], line[(line.IndexOf(':') + 1)..].TrimStart()));
        }

        // RFC 2047 §2.
        message[..end].Split("\r\n").Where(line => line.Contains("=?", StringComparison.Ordinal)).ShouldAllBe(line => line.Length <= 76);
        Body = message[(end + 4)..];
    }

    public string[] Lines { get; }

    public string Body { get; }

    public IEnumerable<string> HeaderNames => _headers.Select(h => h.Name);

    public string? this[string name] => _headers.SingleOrDefault(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public string Subject => Words(this["Subject"]!);

    public string To => Words(this["To"]!);

    public string Text => Part("text/plain");

    public string Html => Part("text/html");

    /// <summary>The decoded part of this type.</summary>
    private string Part(string type)
    {
        var contentType = this["Content-Type"]!;
        contentType.ShouldStartWith("multipart/alternative;");
        var boundary = contentType.Split("boundary=\"")[1].TrimEnd('"');
        Body.ShouldEndWith($"--{boundary}--\r\n");
        var part = Body.Split("--" + boundary).Single(p => p.Contains($"Content-Type: {type}; charset=utf-8\r\n", StringComparison.Ordinal));
        part.ShouldContain("Content-Transfer-Encoding: quoted-printable\r\n");
        var content = part[(part.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..^2];
        content.Split("\r\n").ShouldAllBe(line => line.Length <= 76 && !line.EndsWith(' ') && line.All(c => c >= ' ' && c <= '~'));
        return QuotedPrintable(content).ReplaceLineEndings("\n");
    }

    private static string QuotedPrintable(string text)
    {
        var bytes = new List<byte>();
        text = text.Replace("=\r\n", "");
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=')
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
    }

    /// <summary>Decodes encoded words; white space between two of them is none.</summary>
    private static string Words(string value)
    {
        const string Begin = "=?utf-8?B?";
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        return string.Concat(value.Replace("?= =?", "?==?").Split(Begin).Select((piece, i) =>
        {
            if (i == 0)
                return piece;
            var end = piece.IndexOf("?=", StringComparison.Ordinal);
            (Begin.Length + end + 2).ShouldBeLessThanOrEqualTo(75);
            return strict.GetString(Convert.FromBase64String(piece[..end])) + piece[(end + 2)..];
        }));
    }
}
