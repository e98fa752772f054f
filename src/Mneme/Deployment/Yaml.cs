namespace Mneme.Deployment;

/// <summary>The little that the templates need beyond C#'s raw strings.</summary>
internal static class Yaml
{
    /// <summary>Lines at a depth of so many spaces, for a hole at the beginning of a template's line.</summary>
    public static string Lines(int depth, params IEnumerable<string> lines) => string.Join('\n', lines.Select(line => new string(' ', depth) + line));

    /// <summary>A list on one line.</summary>
    public static string List<T>(IEnumerable<T> items) => $"[{string.Join(", ", items)}]";
}
