using System.CommandLine;
using Mneme.Platform.Configuration;

namespace Mneme.Cli;

/// <summary>Options that every command which touches an installation understands.</summary>
internal static class HostOptions
{
    public static Option<string?> Data { get; } = new("--data") { Description = "Folder of everything that is stored (Data__Folder; default ./data).", HelpName = "folder" };

    public static Option<string?> Config { get; } = new("--config") { Description = "Configuration file (default mneme.json in the current folder, if there is one).", HelpName = "file" };

    public static Option<string[]> Set { get; } = new("--set")
    {
        Description = "A setting by its name in the environment, such as --set Http__MaxBodyBytes=2000000. May be repeated.",
        HelpName = "name=value",
        AllowMultipleArgumentsPerToken = false,
    };

    public static Command WithHostOptions(this Command command)
    {
        command.Add(Data);
        command.Add(Config);
        command.Add(Set);
        return command;
    }

    /// <summary>The configuration with what the command line says on top.</summary>
    public static IConfigurationRoot Configuration(this ParseResult result, params IEnumerable<KeyValuePair<string, string?>> more)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in result.GetValue(Set) ?? [])
        {
            var separator = setting.IndexOf('=', StringComparison.Ordinal);
            if (separator <= 0)
                throw new OperatorException($"--set {setting}: write it as --set Name=value.");
            settings[setting[..separator].Replace("__", ":", StringComparison.Ordinal)] = setting[(separator + 1)..];
        }

        if (result.GetValue(Data) is { } data)
            settings[$"{DataOptions.Section}:{nameof(DataOptions.Folder)}"] = data;
        foreach (var (key, value) in more)
        {
            if (value is not null)
                settings[key] = value;
        }

        return Settings.Load(result.GetValue(Config), settings);
    }

    /// <summary>Refuses a configuration with everything that is wrong with it.</summary>
    public static void Verify(IConfiguration configuration)
    {
        var findings = ConfigurationCheck.Run(configuration, ServiceCatalog.OptionsTypes(configuration));
        if (findings.Count > 0)
            throw new OperatorException($"the configuration has {findings.Count} {(findings.Count == 1 ? "error" : "errors")}:\n  - {string.Join("\n  - ", findings)}\nSee docs/configuration.md.");
    }
}
