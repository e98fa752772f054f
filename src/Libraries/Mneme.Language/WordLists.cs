using System.Reflection;

namespace Mneme.Language;

/// <summary>Reads the embedded word lists: words separated by white space, '#' comments, '[section]' headings.</summary>
internal static class WordLists
{
    /// <summary>The sections of one list; words before the first heading are in the section with the empty name.</summary>
    internal static Dictionary<string, List<string>> Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The word list {resource} is not embedded in this assembly.");
        using var reader = new StreamReader(stream);
        var sections = new Dictionary<string, List<string>>();
        var current = sections[""] = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line[0] == '[')
                sections[line.Trim('[', ']')] = current = [];
            else
                current.AddRange(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        return sections;
    }
}
