using Mneme.Platform.Aws.Secrets;
using Mneme.Platform.Configuration;

namespace Mneme;

/// <summary>
/// Gathers the configuration: <c>mneme.json</c>, then the environment (<c>Http__Port</c>), then the command line; the later wins. Values that name a secret of AWS Secrets Manager
/// are replaced by it.
/// </summary>
internal static class Settings
{
    public const string FileName = "mneme.json";

    /// <param name="file">The configuration file; null for <c>mneme.json</c> in the current folder, if there is one.</param>
    /// <param name="commandLine">Settings from the command line, with <c>:</c> between section and key.</param>
    /// <exception cref="SettingsException">The file is missing or is not JSON, or a secret that is named cannot be read.</exception>
    public static IConfigurationRoot Load(string? file, IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        var path = Path.GetFullPath(file ?? FileName);
        if (file is not null && !File.Exists(path))
            throw new SettingsException($"There is no configuration file {path}.");
        var environment = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        // The names that operators know from the described template.
        foreach (var (name, setting) in new[] { ("MESSAGING_BACKEND", "Messaging:Backend"), ("PROXY_BASE_PATH", "Http:BasePath") })
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
                environment[setting] = value;
        }
        try
        {
            var configuration = new ConfigurationBuilder()
                .AddJsonFile(path, optional: true, reloadOnChange: false)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(environment)
                .AddInMemoryCollection(commandLine)
                .Build();
            var secrets = SecretReferences.Resolve(configuration);
            return secrets.Count == 0 ? configuration : new ConfigurationBuilder().AddConfiguration(configuration).AddInMemoryCollection(secrets).Build();
        }
        catch (SecretReferenceException e)
        {
            throw new SettingsException(e.Message, e);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            throw new SettingsException($"{path} is not valid JSON: {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>One section's options, before there is a container to take them from.</summary>
    public static TOptions Read<TOptions>(this IConfiguration configuration)
        where TOptions : class, IOptionsSection, new() => configuration.GetSection(TOptions.Section).Get<TOptions>() ?? new TOptions();
}

/// <summary>The configuration cannot be read; the message is for the operator.</summary>
internal sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner);
