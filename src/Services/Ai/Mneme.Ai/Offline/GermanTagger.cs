using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>Tags German tokens: capitals mark nouns, the lexicon and endings tell the rest.</summary>
internal static class GermanTagger
{
    private static readonly string[] AdjectiveStems = ["ig", "lich", "isch", "bar", "sam", "haft", "los", "ell", "iv", "al", "ar", "är", "end", "iert", "ant", "ent", "abel", "ös", "at", "voll", "arm", "reich", "fach"];
    private static readonly HashSet<string> NumberWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn",
        "achtzehn", "neunzehn", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig", "hundert", "tausend",
    };

    private static readonly string[] ParticiplePrefixes = ["ange", "abge", "aufge", "ausge", "beige", "einge", "festge", "herge", "hinge", "mitge", "nachge", "vorge", "zuge", "umge", "zusammenge", "zurückge"];
    private static readonly string[] NegatedParticiples = ["Unbe", "Unge", "Unver", "Unent", "Uner"];
    private static readonly string[] AdjectiveEndings = ["en", "er", "es", "em", "e"];

    internal static List<TaggedToken> Tag(IReadOnlyList<Token> tokens, Lexicon lexicon)
    {
        var tagged = new List<TaggedToken>(tokens.Count);
        for (var index = 0; index < tokens.Count; index++)
        {
            var token = tokens[index];
            var isWord = token.Kind == TokenKind.Word;
            var classes = isWord ? lexicon.ClassesOf(token.Text) : WordClasses.None;
            var verb = isWord ? lexicon.VerbReadingOf(token.Text) : null;
            tagged.Add(new TaggedToken(token, TagOf(tokens, tagged, index, classes, verb), classes, verb, Stemmer.Stem(token.Text, "de")));
        }
        return tagged;
    }

    private static Tag TagOf(IReadOnlyList<Token> tokens, List<TaggedToken> before, int index, WordClasses classes, VerbReading? verb)
    {
        var token = tokens[index];
        if (TaggedToken.TagOf(token.Kind) is { } plain)
            return plain;
        var starts = index == 0 || (before[^1].Tag == Offline.Tag.Punctuation && before[^1].Text is ":" or "„" or "\"" or "»" or "“");
        if (NumberWords.Contains(token.Text))
            return Offline.Tag.Number;
        if (char.IsUpper(token.Text[0]))
        {
            if (!starts)
                return Capital(token.Text, classes);
            if (ClosedTag(classes) is { } stop)
                return stop;
            if (ProperNames.IsFirstName(token.Text))
                return Offline.Tag.Term;
            if (Array.Exists(NegatedParticiples, prefix => token.Text.StartsWith(prefix, StringComparison.Ordinal)) && (token.Text.EndsWith('t') || token.Text.EndsWith("en", StringComparison.Ordinal)))
                return Offline.Tag.Participle;
            if (Array.Exists(ParticiplePrefixes, prefix => token.Text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
                return Offline.Tag.Participle;
            if ((classes & WordClasses.Noun) != WordClasses.None || char.IsUpper(token.Text.Length > 1 ? token.Text[1] : 'a'))
                return Offline.Tag.Noun;
            if (index + 1 < tokens.Count && token.Text.StartsWith("Ge", StringComparison.Ordinal) && token.Text.EndsWith('t') && tokens[index + 1].Text is "ist" or "sind" or "wird" or "werden" or "wurde" or "wurden" or "war" or "waren")
                return Offline.Tag.Participle;
            if (NextIsCapital(tokens, index) && LooksAdjective(token.Text, classes) && (classes.HasFlag(WordClasses.Adjective) || !EndsLikeName(token.Text)))
                return Offline.Tag.Adjective;
            if (classes.HasFlag(WordClasses.Verb))
                return Offline.Tag.Verb;
            if (classes.HasFlag(WordClasses.Adverb))
                return Offline.Tag.Adverb;
            return classes.HasFlag(WordClasses.Adjective) ? Offline.Tag.Adjective : Offline.Tag.Term;
        }
        return ClosedTag(classes) ?? LowerCase(tokens, before, index, classes, verb);
    }

    private static Tag Capital(string text, WordClasses classes)
    {
        if (text is "Sie" or "Ihnen" or "Ihr" or "Ihre" or "Ihren" or "Ihrem" or "Ihrer" or "Ihres")
            return Offline.Tag.Pronoun;
        return (classes & WordClasses.Noun) != WordClasses.None ? Offline.Tag.Noun : Offline.Tag.Term;
    }

    private static Tag LowerCase(IReadOnlyList<Token> tokens, List<TaggedToken> before, int index, WordClasses classes, VerbReading? verb)
    {
        var text = tokens[index].Text;
        var nextCapital = NextIsCapital(tokens, index);
        var inPhrase = before.Count > 0 && before[^1].Tag is Offline.Tag.Determiner or Offline.Tag.Possessive or Offline.Tag.Preposition or Offline.Tag.Adjective;
        if (nextCapital && inPhrase && EndsLikeAdjective(text))
            return Offline.Tag.Adjective;
        if (verb is not null)
            return verb.Forms == VerbForms.Participle || (verb.Forms.HasFlag(VerbForms.Participle) && AuxiliaryInClause(before))
                ? Offline.Tag.Participle
                : Offline.Tag.Verb;
        if (classes.HasFlag(WordClasses.Adjective))
            return Offline.Tag.Adjective;
        if (classes.HasFlag(WordClasses.Adverb))
            return Offline.Tag.Adverb;
        // "kritisierte die Sperrung"; before a noun it was an adjective above.
        if (!inPhrase && (text.EndsWith("ierte", StringComparison.Ordinal) || text.EndsWith("ierten", StringComparison.Ordinal)))
            return Offline.Tag.Verb;
        if (LooksAdjective(text, classes) || (nextCapital && EndsLikeAdjective(text)))
            return Offline.Tag.Adjective;
        if ((text.EndsWith('t') || text.EndsWith("en", StringComparison.Ordinal)) && text.Length > 5 && text.Contains("ge", StringComparison.Ordinal) && before.Exists(token => token.IsFinite))
            return Offline.Tag.Participle;
        if (text.EndsWith("te", StringComparison.Ordinal) || text.EndsWith("ten", StringComparison.Ordinal) || text.EndsWith('t') || text.EndsWith("en", StringComparison.Ordinal) || text.EndsWith("ern", StringComparison.Ordinal))
            return AuxiliaryInClause(before) ? Offline.Tag.Participle : Offline.Tag.Verb;
        return Offline.Tag.Adverb;
    }

    private static bool AuxiliaryInClause(List<TaggedToken> before)
    {
        for (var index = before.Count - 1; index >= 0 && before[index].Text is not ("," or ";" or ":"); index--)
        {
            if (before[index].Tag == Offline.Tag.Auxiliary)
                return true;
        }
        return false;
    }

    private static Tag? ClosedTag(WordClasses classes)
    {
        if (classes.HasFlag(WordClasses.Preposition) && !classes.HasFlag(WordClasses.Determiner))
            return Offline.Tag.Preposition;
        if (classes.HasFlag(WordClasses.Auxiliary) && !classes.HasFlag(WordClasses.Possessive))
            return Offline.Tag.Auxiliary;
        if (classes.HasFlag(WordClasses.Determiner))
            return Offline.Tag.Determiner;
        if (classes.HasFlag(WordClasses.Possessive))
            return Offline.Tag.Possessive;
        if (classes.HasFlag(WordClasses.Conjunction))
            return Offline.Tag.Conjunction;
        if (classes.HasFlag(WordClasses.Pronoun))
            return Offline.Tag.Pronoun;
        return classes.HasFlag(WordClasses.Interjection) || (classes.HasFlag(WordClasses.Adverb) && (classes & (WordClasses.Adjective | WordClasses.Verb)) == WordClasses.None)
            ? Offline.Tag.Adverb
            : null;
    }

    internal static bool LooksAdjective(string text, WordClasses classes)
    {
        if (classes.HasFlag(WordClasses.Adjective))
            return true;
        var lower = text.ToLowerInvariant();
        foreach (var ending in AdjectiveEndings)
        {
            if (lower.EndsWith(ending, StringComparison.Ordinal))
            {
                var stem = lower[..^ending.Length];
                if (Array.Exists(AdjectiveStems, suffix => stem.Length > suffix.Length + 1 && stem.EndsWith(suffix, StringComparison.Ordinal)))
                    return true;
            }
        }
        return lower.Length > 4 && (lower.EndsWith("ig", StringComparison.Ordinal) || lower.EndsWith("lich", StringComparison.Ordinal)
            || lower.EndsWith("isch", StringComparison.Ordinal) || lower.EndsWith("bar", StringComparison.Ordinal) || lower.EndsWith("los", StringComparison.Ordinal));
    }

    // "Svante Arrhenius": the endings -ant, -ent, -al, -ar … are those of names as well.
    private static bool EndsLikeName(string text)
    {
        var stem = text.TrimEnd('e', 'n', 'r', 's', 'm');
        return !(stem.EndsWith("lich", StringComparison.Ordinal) || stem.EndsWith("isch", StringComparison.Ordinal) || stem.EndsWith("ig", StringComparison.Ordinal) || stem.EndsWith("iert", StringComparison.Ordinal)
            || stem.EndsWith("end", StringComparison.Ordinal) || stem.EndsWith("ell", StringComparison.Ordinal) || stem.EndsWith("iv", StringComparison.Ordinal) || stem.EndsWith("bar", StringComparison.Ordinal));
    }

    private static bool EndsLikeAdjective(string text) =>
        text.Length > 3 && Array.Exists(AdjectiveEndings, ending => text.EndsWith(ending, StringComparison.Ordinal));

    private static bool NextIsCapital(IReadOnlyList<Token> tokens, int index)
    {
        for (var next = index + 1; next < tokens.Count && next <= index + 3; next++)
        {
            if (tokens[next].Kind != TokenKind.Word)
                return false;
            if (char.IsUpper(tokens[next].Text[0]))
                return true;
            if (!EndsLikeAdjective(tokens[next].Text))
                return false;
        }
        return false;
    }
}
