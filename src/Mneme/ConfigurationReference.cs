using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using Mneme.Platform.Configuration;

namespace Mneme;

/// <summary>Writes docs/configuration.md and .env.example from the options' types; a test compares the files with it.</summary>
internal static class ConfigurationReference
{
    public static string Markdown(IEnumerable<OptionsType> types)
    {
        var text = new StringBuilder("""
            # Configuration

            Settings come from `mneme.json` in the current folder (or `--config FILE`), from the environment, and from the command line
            (`--set Http__Port=9000`); the later wins. `Http__Port=9000` in the environment is `{"Http": {"Port": 9000}}` in the file.
            Everything is checked before anything starts: `mneme serve --verify-config` lists what is wrong, `mneme doctor` checks the machine too.
            `MESSAGING_BACKEND` is another name of `Messaging__Backend`, `PROXY_BASE_PATH` of `Http__BasePath`.
            A value `secretsmanager:NAME` or `secretsmanager:NAME#KEY` is read from AWS Secrets Manager: [aws](transports/aws.md#what-else-aws-does).

            This page is written by `mneme document-configuration`.

            """);
        foreach (var type in types)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {type.Section}\n\n| setting | default | meaning |\n|---|---|---|\n");
            foreach (var setting in Settings(type))
                text.Append(CultureInfo.InvariantCulture, $"| `{setting.Name}` | {(setting.Default.Length > 0 ? $"`{setting.Default}`" : "–")} | {setting.Description}{setting.Limits} |\n");
        }

        return text.ToString();
    }

    public static string Environment(IEnumerable<OptionsType> types)
    {
        var text = new StringBuilder("# Every setting with its default. Copy what you change; docs/configuration.md explains.\n");
        foreach (var type in types)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n# --- {type.Section}\n");
            foreach (var setting in Settings(type))
                text.Append(CultureInfo.InvariantCulture, $"# {setting.Description}\n#{setting.Name}={setting.Default}\n");
        }

        return text.ToString();
    }

    private static IEnumerable<Setting> Settings(OptionsType type)
    {
        var defaults = Activator.CreateInstance(type.Type)!;
        return Settings(type.Section, defaults);
    }

    private static IEnumerable<Setting> Settings(string prefix, object defaults)
    {
        foreach (var property in defaults.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            var name = $"{prefix}__{property.Name}";
            var value = property.GetValue(defaults);
            if (value is not null && value.GetType() is { IsClass: true, Namespace: { } space } && space.StartsWith(nameof(Mneme), StringComparison.Ordinal))
            {
                foreach (var nested in Settings(name, value))
                    yield return nested;
                continue;
            }

            var description = property.GetCustomAttribute<DescriptionAttribute>()?.Description
                ?? throw new InvalidOperationException($"{name} has no [Description], so nobody knows what it means.");
            yield return new Setting(name, Show(value), description, Limits(property));
        }
    }

    private static string Show(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        string text => text,
        IEnumerable items => string.Join(',', items.Cast<object>()),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Limits(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type.IsEnum)
            return $" One of {string.Join(", ", Enum.GetNames(type))}.";
        return property.GetCustomAttribute<RangeAttribute>() is { } range ? string.Create(CultureInfo.InvariantCulture, $" {range.Minimum} to {range.Maximum}.") : "";
    }

    private sealed record Setting(string Name, string Default, string Description, string Limits);
}
