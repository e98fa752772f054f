using Mneme.Language;

namespace Mneme.Capture.Domain;

/// <summary>PostgreSQL's text search configurations that are used here: stemming where it fits, whole words for all other languages.</summary>
internal static class TextSearch
{
    /// <summary>Below this, words are not stemmed: whole words of another language are found, words stemmed by the wrong rules are not.</summary>
    private const double SureEnough = 0.5;

    /// <param name="language">BCP 47 tag if it is known.</param>
    /// <param name="text">Tells the language otherwise.</param>
    public static string ConfigurationOf(string? language, string text) => (language?.Split('-')[0] ?? Detected(text)) switch
    {
        "en" => "english",
        "de" => "german",
        _ => "simple",
    };

    private static string? Detected(string text) => LanguageDetector.Detect(text) is { Confidence: >= SureEnough } found ? found.Code : null;
}
