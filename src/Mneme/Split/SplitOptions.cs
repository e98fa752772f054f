using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Mneme.Platform.Configuration;

namespace Mneme.Split;

/// <summary>How many processes a split installation on one machine consists of. Only read by <c>serve --split</c>.</summary>
public sealed class SplitOptions : IOptionsSection, IValidatableObject
{
    private const int MaxInstances = 16;

    public static string Section => "Split";

    [Description("With serve --split: how many processes a service gets, such as Split__Instances__study=2, 1 to 16; Split__Instances__all=2 is for every service that is not named. 1 without.")]
    public Dictionary<string, string> Instances { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        from entry in Instances
        where !TryParse(entry.Value, out _)
        select new ValidationResult($"'{entry.Value}' is not a number of processes from 1 to {MaxInstances}.", [$"{nameof(Instances)}__{entry.Key}"]);

    /// <summary>How many processes serve a service.</summary>
    internal int InstancesOf(string service) =>
        (Instances.GetValueOrDefault(service) ?? Instances.GetValueOrDefault(Targets.All)) is { } text && TryParse(text, out var count) ? count : 1;

    /// <summary>Services that are configured here and that the system does not have.</summary>
    internal IEnumerable<string> UnknownServices(IReadOnlyCollection<string> services) =>
        Instances.Keys.Where(name => name != Targets.All && !services.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static bool TryParse(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= MaxInstances;
}
