using System.Collections.Frozen;

namespace Mneme.Language;

/// <summary>
/// What this library knows of one language's general vocabulary: stop words, common words with their classes, verb forms and
/// abbreviations. Everything is looked up without regard to case. A word that is not listed is probably a term or a name.
/// </summary>
public sealed class Lexicon
{
    private static readonly Lazy<Lexicon> LazyEnglish = new(() => new Lexicon("en"));
    private static readonly Lazy<Lexicon> LazyGerman = new(() => new Lexicon("de"));

    private static readonly string[] EnglishNounEndings = ["s", "es", "'s", "’s"];
    private static readonly string[] GermanNounEndings = ["s", "es", "e", "en", "n", "er", "ern"];
    private static readonly string[] GermanAdjectiveEndings = ["e", "en", "er", "es", "em", "ere", "eren", "erer", "eres", "erem", "ste", "sten", "ster", "stes", "stem"];
    private static readonly string[] EnglishAdjectiveEndings = ["er", "est", "r", "st"];

    private readonly FrozenDictionary<string, WordClasses> _words;
    private readonly FrozenDictionary<string, VerbReading> _verbs;
    private readonly FrozenSet<string> _stopWords;
    private readonly FrozenSet<string> _abbreviations;

    private Lexicon(string language)
    {
        Language = language;
        var words = new Dictionary<string, WordClasses>();
        var verbs = new Dictionary<string, VerbReading>();
        var stopWords = new HashSet<string>();
        foreach (var (section, entries) in WordLists.Read($"stopwords.{language}.txt").Where(section => section.Key.Length > 0))
        {
            foreach (var entry in entries)
            {
                stopWords.Add(entry);
                Add(words, entry, Enum.Parse<WordClasses>(section, ignoreCase: true));
            }
        }
        foreach (var (section, entries) in WordLists.Read($"lexicon.{language}.txt").Where(section => section.Key.Length > 0))
        {
            var kind = Enum.Parse<WordClasses>(section, ignoreCase: true);
            foreach (var entry in entries)
            {
                if (kind == WordClasses.Verb)
                    AddVerb(words, verbs, entry);
                else
                    Add(words, entry, kind is WordClasses.Anaphoric or WordClasses.Person ? kind | WordClasses.Noun : kind);
            }
        }
        _words = words.ToFrozenDictionary();
        _verbs = verbs.ToFrozenDictionary();
        _stopWords = stopWords.ToFrozenSet();
        _abbreviations = WordLists.Read($"abbreviations.{language}.txt")[""].ToFrozenSet();
    }

    /// <summary>The English lexicon.</summary>
    public static Lexicon English => LazyEnglish.Value;

    /// <summary>The German lexicon.</summary>
    public static Lexicon German => LazyGerman.Value;

    /// <summary>The ISO 639-1 code, "en" or "de".</summary>
    public string Language { get; }

    /// <summary>All stop words, lower case.</summary>
    public IReadOnlySet<string> StopWords => _stopWords;

    /// <summary>The lexicon for an ISO 639-1 code, or null when this library has none.</summary>
    public static Lexicon? For(string? language) => language switch
    {
        "en" => English,
        "de" => German,
        _ => null,
    };

    /// <summary>True for a word that carries grammar rather than meaning.</summary>
    public bool IsStopWord(string word) => _stopWords.Contains(word.ToLowerInvariant());

    /// <summary>True for an abbreviation, given without its last full stop ("z.B", "dr").</summary>
    public bool IsAbbreviation(string word) => _abbreviations.Contains(word.ToLowerInvariant());

    /// <summary>True for a word of the general vocabulary, stop words included.</summary>
    public bool IsCommon(string word) => ClassesOf(word) != WordClasses.None;

    /// <summary>The verb reading of a form, or null when it is not a form of a listed verb.</summary>
    public VerbReading? VerbReadingOf(string word) => _verbs.GetValueOrDefault(word.ToLowerInvariant());

    /// <summary>The classes of a form, regular inflections of listed words included.</summary>
    public WordClasses ClassesOf(string word)
    {
        var lower = word.ToLowerInvariant();
        var classes = _words.GetValueOrDefault(lower);
        return _stopWords.Contains(lower) ? classes : classes | (Language == "en" ? EnglishInflected(lower) : GermanInflected(lower));
    }

    private WordClasses EnglishInflected(string lower)
    {
        const WordClasses Nominal = WordClasses.Noun | WordClasses.Anaphoric | WordClasses.Person;
        var classes = Stripped(lower, EnglishNounEndings) & Nominal;
        if (lower.EndsWith("ies", StringComparison.Ordinal))
            classes |= _words.GetValueOrDefault(lower[..^3] + "y") & Nominal;
        classes |= Stripped(lower, EnglishAdjectiveEndings) & WordClasses.Adjective;
        if (lower.EndsWith("ier", StringComparison.Ordinal))
            classes |= _words.GetValueOrDefault(lower[..^3] + "y") & WordClasses.Adjective;
        if (lower.EndsWith("iest", StringComparison.Ordinal))
            classes |= _words.GetValueOrDefault(lower[..^4] + "y") & WordClasses.Adjective;
        return classes;
    }

    private WordClasses GermanInflected(string lower) =>
        (Stripped(lower, GermanNounEndings) & (WordClasses.Noun | WordClasses.Anaphoric | WordClasses.Person))
        | (Stripped(lower, GermanAdjectiveEndings) & WordClasses.Adjective);

    private WordClasses Stripped(string lower, string[] endings)
    {
        var classes = WordClasses.None;
        foreach (var ending in endings)
        {
            if (lower.Length > ending.Length + 2 && lower.EndsWith(ending, StringComparison.Ordinal) && !_stopWords.Contains(lower[..^ending.Length]))
                classes |= _words.GetValueOrDefault(lower[..^ending.Length]) | (Language == "de" ? _words.GetValueOrDefault(WithoutUmlaut(lower[..^ending.Length])) : WordClasses.None);
        }
        return classes;
    }

    // Plurals and comparatives change the vowel: Wörter, Wälder, größer.
    private static string WithoutUmlaut(string stem) => stem.Replace('ä', 'a').Replace('ö', 'o').Replace('ü', 'u');

    private void AddVerb(Dictionary<string, WordClasses> words, Dictionary<string, VerbReading> verbs, string entry)
    {
        foreach (var (form, reading) in Language == "en" ? VerbInflection.English(entry) : VerbInflection.German(entry))
        {
            Add(words, form, WordClasses.Verb);
            if (!verbs.TryAdd(form, reading) && verbs[form].Forms < reading.Forms)
                verbs[form] = reading;
        }
    }

    private static void Add(Dictionary<string, WordClasses> words, string word, WordClasses kind)
    {
        var key = word.ToLowerInvariant();
        words[key] = words.GetValueOrDefault(key) | kind;
    }
}
