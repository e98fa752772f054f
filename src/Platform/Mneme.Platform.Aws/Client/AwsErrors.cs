using System.Net.Http.Headers;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Mneme.Platform.Aws.Client;

/// <summary>What an answer other than success says, in each protocol.</summary>
internal static class AwsErrors
{
    private const int MaxText = 500;

    public static AwsException Read(AwsCall call, HttpResponseMessage response, ReadOnlyMemory<byte> body)
    {
        var (code, message) = ReadJson(body) ?? ReadXml(body) ?? (null, null);
        code ??= Header(response.Headers, "x-amzn-ErrorType");
        return AwsException.Refused(
            call, (int)response.StatusCode, code is null ? "no error code" : Short(code), (message ?? "it gave no reason.").Cut(MaxText),
            Header(response.Headers, "x-amzn-RequestId") ?? Header(response.Headers, "x-amz-request-id"));
    }

    // __type is a shape's whole name; the header may have an address behind the name.
    private static string Short(string code) => code[(code.LastIndexOf('#') + 1)..].Split(':')[0];

    private static (string?, string?)? ReadJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (Text(document.RootElement, "__type") ?? Text(document.RootElement, "code"), Text(document.RootElement, "message") ?? Text(document.RootElement, "Message"))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static (string?, string?)? ReadXml(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var error = XDocument.Load(reader).Descendants().FirstOrDefault(element => element.Name.LocalName == "Error");
            return error is null ? null : (Text(error, "Code"), Text(error, "Message"));
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Text(XElement element, string name) => element.Elements().FirstOrDefault(child => child.Name.LocalName == name)?.Value;

    private static string? Header(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.First() : null;
}
