namespace Mneme.Study.Domain;

/// <summary>Tags as they are kept: trimmed, each once, in the order given.</summary>
internal static class TagList
{
    public static string[] Of(IEnumerable<string>? tags) => tags is null ? [] : [.. tags.Select(tag => tag.Trim()).Distinct(StringComparer.Ordinal)];

    /// <summary>Tags that come from elsewhere, cut to what fits here.</summary>
    public static string[] Fitting(IEnumerable<string> tags) =>
        [.. Of(tags.Where(tag => !string.IsNullOrWhiteSpace(tag)).Select(tag => Text.Clip(tag.Trim(), StudyLimits.Tag))).Take(StudyLimits.Tags)];
}
