using System.Text;
using Mneme.Platform.Domain;

namespace Mneme.Capture.Domain;

/// <summary>Tags in the person's order and spelling; one that differs from an earlier one in case alone is the same tag.</summary>
internal sealed class TagList
{
    public const int MaxCount = 20;
    public const int MaxLength = 50;

    private TagList(string[] names) => (Names, Keys) = (names, [.. names.Select(KeyOf)]);

    public static TagList None { get; } = new([]);

    public string[] Names { get; }

    /// <summary>The same tags as they are compared.</summary>
    public string[] Keys { get; }

    public static Outcome<TagList> Of(IReadOnlyList<string> names)
    {
        var tags = new List<string>(names.Count);
        foreach (var name in names)
        {
            if (PlainText.OneLine(name, int.MaxValue) is not { Length: <= MaxLength } tag)
                return Problem.Invalid("tags", $"Each tag must have 1 to {MaxLength} characters that can be seen.");
            tags.Add(tag);
        }

        var unique = tags.DistinctBy(KeyOf).ToArray();
        return unique.Length <= MaxCount ? new TagList(unique) : Problem.Invalid("tags", $"At most {MaxCount} tags.");
    }

    public static string KeyOf(string tag) => (PlainText.OneLine(tag, int.MaxValue) ?? "").Normalize(NormalizationForm.FormC).ToLowerInvariant();
}
