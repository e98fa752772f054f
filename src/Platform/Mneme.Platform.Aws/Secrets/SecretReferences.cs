using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Aws.Client;

namespace Mneme.Platform.Aws.Secrets;

/// <summary>
/// Settings whose value names a secret in AWS Secrets Manager: <c>secretsmanager:NAME</c> for all of it, <c>secretsmanager:NAME#KEY</c> for one member of one that is a JSON object.
/// They are resolved once, before anything else reads the configuration. NAME may be an ARN.
/// </summary>
public static class SecretReferences
{
    private const string Scheme = "secretsmanager:";

    private sealed record SecretValue(string? SecretString);

    /// <returns>The values in place of the references; empty if there are none, and then nobody is asked.</returns>
    /// <exception cref="SecretReferenceException">A secret cannot be had.</exception>
    public static IReadOnlyDictionary<string, string?> Resolve(IConfiguration configuration)
    {
        if (!References(configuration).Any())
            return new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var options = configuration.GetSection(AwsOptions.Section).Get<AwsOptions>() ?? new AwsOptions();
        using var credentials = new AwsCredentials(options);
        using var client = new AwsClient(options, credentials, TimeProvider.System, NullLogger<AwsClient>.Instance);
        // The configuration is read synchronously everywhere, and nothing else runs yet.
        return ResolveAsync(configuration, client, CancellationToken.None).GetAwaiter().GetResult();
    }

    internal static async Task<IReadOnlyDictionary<string, string?>> ResolveAsync(IConfiguration configuration, AwsClient client, CancellationToken ct)
    {
        var resolved = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (setting, reference) in References(configuration))
        {
            var shown = setting.Replace(":", "__", StringComparison.Ordinal);
            var (name, key) = reference[Scheme.Length..].Split('#', 2) is [var first, var second] ? (first, second) : (reference[Scheme.Length..], null);
            if (!secrets.TryGetValue(name, out var secret))
                secrets[name] = secret = await ReadAsync(shown, name, client, ct);
            resolved[setting] = key is null ? secret : Member(shown, name, key, secret);
        }

        return resolved;
    }

    private static IEnumerable<KeyValuePair<string, string>> References(IConfiguration configuration) =>
        configuration.AsEnumerable().Where(setting => setting.Value?.StartsWith(Scheme, StringComparison.Ordinal) == true).Select(setting => KeyValuePair.Create(setting.Key, setting.Value!));

    private static async Task<string> ReadAsync(string setting, string name, AwsClient client, CancellationToken ct)
    {
        if (name.Length == 0)
            throw new SecretReferenceException($"{setting} names no secret: write {Scheme}NAME or {Scheme}NAME#KEY.");
        try
        {
            var answer = await client.SendAsync<SecretValue>(AwsCall.Json(AwsService.SecretsManager, "secretsmanager.GetSecretValue", "1.1", new { SecretId = name }), ct);
            return answer.SecretString ?? throw new SecretReferenceException($"{setting} names the secret {name}, which is binary; only text can be a setting.");
        }
        catch (AwsException e)
        {
            throw new SecretReferenceException($"{setting} names the secret {name}, which cannot be read: {e.Message}", e);
        }
    }

    private static string Member(string setting, string name, string key, string secret)
    {
        try
        {
            using var document = JsonDocument.Parse(secret);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document.RootElement.TryGetProperty(key, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
                    ? value.ToString()
                    : throw new SecretReferenceException(
                        $"{setting} names the key {key} of the secret {name}, which has no such value. Its keys are: {string.Join(", ", document.RootElement.EnumerateObject().Select(member => member.Name))}.");
            }
        }
        catch (JsonException)
        {
            // Said below; what the parser says might quote the secret.
        }

        throw new SecretReferenceException($"{setting} names the key {key} of the secret {name}, which is not a JSON object: leave #{key} out, or store an object.");
    }
}

/// <summary>A setting names a secret that cannot be had; the message is for the operator and holds no secret.</summary>
public sealed class SecretReferenceException(string message, Exception? inner = null) : Exception(message, inner);
