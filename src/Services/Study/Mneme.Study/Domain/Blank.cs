namespace Mneme.Study.Domain;

internal static class Blank
{
    /// <summary>An optional text that says nothing is none.</summary>
    public static string? ToNull(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
