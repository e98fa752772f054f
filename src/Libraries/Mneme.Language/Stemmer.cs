namespace Mneme.Language;

/// <summary>
/// Folds the inflected forms of a word onto one key for counting and comparing. It is deliberately light: it strips regular
/// endings and folds umlauts, so keys are not words. A lemmatiser can take its place wherever a key is asked for.
/// </summary>
public static class Stemmer
{
    private static readonly string[] GermanEndings = ["ern", "nen", "en", "em", "er", "es", "e", "s", "n"];

    /// <summary>The key of a word in a language ("en", "de"; any other: lower case alone).</summary>
    public static string Stem(string word, string language)
    {
        var lower = word.ToLowerInvariant().Replace('’', '\'');
        return language switch
        {
            "en" => English(lower),
            "de" => German(lower),
            _ => lower,
        };
    }

    private static string English(string word)
    {
        if (word.EndsWith("'s", StringComparison.Ordinal))
            word = word[..^2];
        if (word.Length > 4 && word.EndsWith("ies", StringComparison.Ordinal))
            return word[..^3] + "y";
        if (word.Length > 4 && (word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("xes", StringComparison.Ordinal)
            || word.EndsWith("ches", StringComparison.Ordinal) || word.EndsWith("shes", StringComparison.Ordinal)))
            return word[..^2];
        if (word.Length > 3 && word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i'))
            word = word[..^1];
        if (word.Length > 5 && word.EndsWith("ing", StringComparison.Ordinal))
            word = Undouble(word[..^3]);
        else if (word.Length > 4 && word.EndsWith("ed", StringComparison.Ordinal))
            word = Undouble(word[..^2]);
        return word.Length > 4 && word[^1] == 'e' ? word[..^1] : word;
    }

    private static string Undouble(string stem) =>
        stem.Length > 3 && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'e') ? stem[..^1] : stem;

    private static string German(string word)
    {
        word = word.Replace("ß", "ss", StringComparison.Ordinal).Replace('ä', 'a').Replace('ö', 'o').Replace('ü', 'u');
        foreach (var ending in GermanEndings)
        {
            if (word.Length - ending.Length >= 4 && word.EndsWith(ending, StringComparison.Ordinal))
                return word[..^ending.Length];
        }
        return word;
    }
}
