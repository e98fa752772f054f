using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Mneme.Platform.Configuration;

/// <summary>Finds everything that is wrong in a configuration, so that a person corrects it once and not value by value.</summary>
public static class ConfigurationCheck
{
    /// <returns>One line for each finding, naming the setting as it is written in the environment; empty if all is well.</returns>
    public static IReadOnlyList<string> Run(IConfiguration configuration, IEnumerable<OptionsType> types)
    {
        var findings = new List<string>();
        foreach (var (sectionName, type) in types.Distinct())
        {
            var section = configuration.GetSection(sectionName);
            var options = Activator.CreateInstance(type)!;
            var before = findings.Count;
            CheckKeys(section, type, sectionName, findings);
            if (findings.Count > before)
                continue;

            section.Bind(options);
            CheckValues(options, sectionName, findings);
        }

        return findings;
    }

    private static void CheckValues(object options, string path, List<string> findings)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        findings.AddRange(results.Select(result => $"{Name(path, result.MemberNames.FirstOrDefault())}: {result.ErrorMessage}"));
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => IsGroup(p.PropertyType)))
        {
            if (property.GetValue(options) is { } group)
                CheckValues(group, Name(path, property.Name), findings);
        }
    }

    /// <summary>Whether settings stand in a group of their own within the section, such as <c>Notify__Smtp__Port</c>.</summary>
    private static bool IsGroup(Type type) => type is { IsClass: true, Namespace: { } name } && name.StartsWith(nameof(Mneme), StringComparison.Ordinal);

    private static void CheckKeys(IConfigurationSection section, Type type, string path, List<string> findings)
    {
        foreach (var child in section.GetChildren())
        {
            var property = type.GetProperty(child.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            if (property is null)
            {
                findings.Add($"{path}__{child.Key}: there is no such setting. Known here: {string.Join(", ", type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name))}.");
                continue;
            }

            if (IsGroup(property.PropertyType))
            {
                CheckKeys(child, property.PropertyType, Name(path, property.Name), findings);
                continue;
            }

            var target = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (child.Value is { Length: > 0 } value && !CanConvert(value, target))
                findings.Add($"{Name(path, property.Name)}: '{Shown(property, value)}' is not {Expected(target)}.");
        }
    }

    private static bool CanConvert(string value, Type type) =>
        type == typeof(string) || !type.IsValueType && type != typeof(Uri)
        || type switch
        {
            _ when type.IsEnum => Enum.TryParse(type, value, ignoreCase: true, out var parsed) && Enum.IsDefined(type, parsed!),
            _ when type == typeof(int) => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
            _ when type == typeof(long) => long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _),
            _ when type == typeof(double) => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            _ when type == typeof(decimal) => decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            _ when type == typeof(bool) => bool.TryParse(value, out _),
            _ when type == typeof(TimeSpan) => TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _),
            _ when type == typeof(Uri) => Uri.TryCreate(value, UriKind.Absolute, out _),
            _ => true,
        };

    private static string Expected(Type type) => type switch
    {
        _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) || type == typeof(decimal) => "a number",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a duration such as 00:05:00",
        _ when type == typeof(Uri) => "an absolute address such as https://example.org",
        _ => "a valid value",
    };

    private static string Name(string section, string? member) => member is null ? section : $"{section}__{member}";

    private static string Shown(PropertyInfo property, string value) =>
        property.GetCustomAttribute<SecretAttribute>() is null ? value : "(hidden)";
}

/// <summary>Marks a setting whose value must appear neither in logs nor in messages.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
