using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mneme.Platform.Aws.Client;

/// <summary>A service of AWS.</summary>
/// <param name="Name">The name that it signs by and that policies know.</param>
/// <param name="Host">The first part of its host's name.</param>
internal sealed record AwsService(string Name, string Host)
{
    public static AwsService EventBridge { get; } = new("events", "events");

    public static AwsService Sqs { get; } = new("sqs", "sqs");

    public static AwsService Sns { get; } = new("sns", "sns");

    public static AwsService Ses { get; } = new("ses", "email");

    public static AwsService SecretsManager { get; } = new("secretsmanager", "secretsmanager");
}

/// <summary>A request before it is signed.</summary>
/// <param name="Service">Whom it asks.</param>
/// <param name="Operation">What for, as policies name it.</param>
/// <param name="Path">With its first slash.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Body">What is posted.</param>
internal sealed record AwsCall(AwsService Service, string Operation, string Path, string ContentType, byte[] Body)
{
    /// <summary>How the services' JSON is written and read: names as they are, nothing for what is null, and no more escapes than JSON needs, because sizes are limited.</summary>
    public static JsonSerializerOptions JsonOptions { get; } = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The header <c>X-Amz-Target</c>, for protocols that have it.</summary>
    public string? Target { get; init; }

    /// <summary>How long the service may wait before it answers, on top of the usual time limit.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Whether it is left to the caller to try again: what happened to it is not known, and twice would be too often.</summary>
    public bool IsTriedOnce { get; init; }

    /// <summary>AWS JSON 1.0 or 1.1 (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html).</summary>
    /// <param name="service">Whom it asks.</param>
    /// <param name="target">Such as <c>AmazonSQS.SendMessage</c>.</param>
    /// <param name="version">1.0 or 1.1.</param>
    /// <param name="request">Members by their names on the wire.</param>
    public static AwsCall Json(AwsService service, string target, string version, object request) =>
        new(service, target[(target.IndexOf('.', StringComparison.Ordinal) + 1)..], "/", $"application/x-amz-json-{version}", JsonSerializer.SerializeToUtf8Bytes(request, JsonOptions)) { Target = target };

    /// <summary>The query protocol: a form (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).</summary>
    public static AwsCall Query(AwsService service, string action, string version, params IEnumerable<KeyValuePair<string, string>> parameters)
    {
        KeyValuePair<string, string>[] form = [new("Action", action), new("Version", version), .. parameters];
        return new(
            service, action, "/", "application/x-www-form-urlencoded; charset=utf-8",
            Encoding.ASCII.GetBytes(string.Join('&', form.Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"))));
    }

    /// <summary>REST with JSON (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html).</summary>
    public static AwsCall Rest(AwsService service, string operation, string path, object request) =>
        new(service, operation, path, "application/json", JsonSerializer.SerializeToUtf8Bytes(request, JsonOptions));
}
