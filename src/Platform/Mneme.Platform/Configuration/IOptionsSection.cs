namespace Mneme.Platform.Configuration;

/// <summary>
/// Options bound to one section of the configuration. <c>Database__Url</c> in the environment and
/// <c>{"Database": {"Url": …}}</c> in <c>mneme.json</c> are the same setting. Properties carry data annotations for validation and
/// <see cref="System.ComponentModel.DescriptionAttribute"/> for the reference in docs/configuration.md.
/// </summary>
public interface IOptionsSection
{
    static abstract string Section { get; }
}
