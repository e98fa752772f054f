namespace Mneme.Capture.Domain;

/// <summary>PostgreSQL's text search configurations that are used here: stemming where it fits, whole words for all other languages.</summary>
internal static class TextSearch
{
    public static string ConfigurationOf(string? language) => language?.Split('-')[0] switch
    {
        "en" => "english",
        "de" => "german",
        _ => "simple",
    };
}
