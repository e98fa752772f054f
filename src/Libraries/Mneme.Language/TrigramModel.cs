namespace Mneme.Language;

/// <summary>Character trigrams of German and English general vocabulary, to tell unlisted words apart.</summary>
internal sealed class TrigramModel
{
    private readonly Dictionary<string, (double German, double English)> _counts = [];
    private double _german;
    private double _english;

    private TrigramModel()
    {
    }

    internal static TrigramModel Learn()
    {
        var model = new TrigramModel();
        foreach (var word in Vocabulary("de"))
            model.Add(word, german: true);
        foreach (var word in Vocabulary("en"))
            model.Add(word, german: false);
        return model;
    }

    /// <summary>How likely the word is German rather than English, 0…1.</summary>
    internal double GermanShare(string word)
    {
        var logOdds = 0.0;
        foreach (var trigram in Trigrams(word))
        {
            var (german, english) = _counts.GetValueOrDefault(trigram);
            logOdds += Math.Log((german + 0.5) / (_german + 500)) - Math.Log((english + 0.5) / (_english + 500));
        }
        return 1 / (1 + Math.Exp(-logOdds));
    }

    private void Add(string word, bool german)
    {
        foreach (var trigram in Trigrams(word))
        {
            var (inGerman, inEnglish) = _counts.GetValueOrDefault(trigram);
            _counts[trigram] = german ? (inGerman + 1, inEnglish) : (inGerman, inEnglish + 1);
            if (german)
                _german++;
            else
                _english++;
        }
    }

    private static IEnumerable<string> Trigrams(string word)
    {
        var padded = $"^{word.ToLowerInvariant()}$";
        for (var index = 0; index + 3 <= padded.Length; index++)
            yield return padded.Substring(index, 3);
    }

    private static IEnumerable<string> Vocabulary(string language) =>
        WordLists.Read($"lexicon.{language}.txt").Values.Concat(WordLists.Read($"stopwords.{language}.txt").Values)
            .SelectMany(words => words).SelectMany(word => word.Split('/'));
}
