using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>Tags English tokens by the lexicon, endings and neighbours, from left to right.</summary>
internal static class EnglishTagger
{
    private static readonly string[] AdjectiveEndings =
        ["al", "ic", "ous", "ive", "able", "ible", "ful", "less", "ary", "ar", "ish", "ant", "ent", "ian", "ical", "oid", "ern", "ese"];

    private static readonly HashSet<string> NumberWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
        "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "thousand",
    };

    private static readonly HashSet<string> NotAdverbs = ["family", "assembly", "anomaly", "butterfly", "dragonfly", "jelly", "belly", "lily", "ally", "monopoly", "melancholy", "gully", "folly", "dolly", "bully", "rally", "tally", "doily", "holly", "firefly", "panoply"];

    private const WordClasses Closed = WordClasses.Auxiliary | WordClasses.Determiner | WordClasses.Possessive | WordClasses.Preposition
        | WordClasses.Conjunction | WordClasses.Pronoun | WordClasses.Interjection;

    internal static List<TaggedToken> Tag(IReadOnlyList<Token> tokens, Lexicon lexicon)
    {
        var tagged = new List<TaggedToken>(tokens.Count);
        // Clauses that are open and have no finite verb yet: "larvae that are fed jelly become queens" has two.
        var waiting = 1;
        for (var index = 0; index < tokens.Count; index++)
        {
            var finiteSeen = waiting <= 0;
            var token = tokens[index];
            var classes = token.Kind == TokenKind.Word ? lexicon.ClassesOf(token.Text) : WordClasses.None;
            var verb = token.Kind == TokenKind.Word ? lexicon.VerbReadingOf(token.Text) : null;
            var tag = TagOf(tokens, tagged, index, classes, verb, lexicon, finiteSeen);
            var result = new TaggedToken(token, tag, classes, verb, Stemmer.Stem(token.Text, "en"));
            if (result.Text is "," or ";" or ":")
                waiting = Math.Max(waiting, 1);
            else if (StartsClause(result))
                waiting = Math.Max(waiting, 0) + 1;
            else if (result.IsFinite && !(tagged.Count > 0 && tagged[^1].Tag == Offline.Tag.Auxiliary))
                waiting = Math.Max(waiting - 1, 0);
            tagged.Add(result);
        }
        return tagged;
    }

    private static bool StartsClause(TaggedToken token) =>
        token.Is("which", "that", "who", "because", "when", "where", "if", "while", "whereas", "although", "unless", "until", "whether", "how");

    private static Tag TagOf(IReadOnlyList<Token> tokens, List<TaggedToken> before, int index, WordClasses classes, VerbReading? verb, Lexicon lexicon, bool finiteSeen)
    {
        var token = tokens[index];
        if (TaggedToken.TagOf(token.Kind) is { } plain)
            return plain;
        var starts = index == 0 || (before[^1].Tag == Offline.Tag.Punctuation && before[^1].Text is not ("," or ";" or ")" or "-" or "–" or "&" or "/" or "(" or "."));
        // "the Hot Five", "the Thirty Years' War": part of a name.
        if (NumberWords.Contains(token.Text) && !(char.IsUpper(token.Text[0]) && (!starts || index + 1 < tokens.Count && char.IsUpper(tokens[index + 1].Text[0]))))
            return Offline.Tag.Number;
        if (char.IsUpper(token.Text[0]) && !starts && token.Text != "I")
            return Offline.Tag.Name;
        var closed = ClosedTag(classes);
        if (closed is { } stop)
            return stop == Offline.Tag.Preposition && token.Text.Equals("like", StringComparison.OrdinalIgnoreCase) && before.Count > 0 && before[^1].Tag == Offline.Tag.Pronoun
                ? Offline.Tag.Verb
                : stop;
        if (verb is not null)
            return VerbOrOther(tokens, before, index, classes, verb, lexicon, finiteSeen);
        return OpenTag(tokens, before, index, classes, lexicon, finiteSeen);
    }

    private static Tag? ClosedTag(WordClasses classes)
    {
        if ((classes & Closed) == WordClasses.None)
            return null;
        if (classes.HasFlag(WordClasses.Auxiliary))
            return Offline.Tag.Auxiliary;
        if (classes.HasFlag(WordClasses.Possessive))
            return Offline.Tag.Possessive;
        if (classes.HasFlag(WordClasses.Determiner))
            return Offline.Tag.Determiner;
        if (classes.HasFlag(WordClasses.Preposition))
            return Offline.Tag.Preposition;
        if (classes.HasFlag(WordClasses.Conjunction))
            return Offline.Tag.Conjunction;
        return classes.HasFlag(WordClasses.Pronoun) ? Offline.Tag.Pronoun : Offline.Tag.Adverb;
    }

    private static Tag VerbOrOther(IReadOnlyList<Token> tokens, List<TaggedToken> before, int index, WordClasses classes, VerbReading verb, Lexicon lexicon, bool finiteSeen)
    {
        var previous = Previous(before);
        var afterNominalStart = previous?.Tag is Offline.Tag.Determiner or Offline.Tag.Possessive or Offline.Tag.Adjective or Offline.Tag.Number
            || (previous?.Tag == Offline.Tag.Preposition && previous.Lower != "to");
        var nextNominal = NextCouldBeNoun(tokens, index, lexicon);
        if (verb.Forms.HasFlag(VerbForms.Gerund) && verb.Forms == VerbForms.Gerund)
            return previous?.Tag == Offline.Tag.Auxiliary ? Offline.Tag.Verb : classes.HasFlag(WordClasses.Noun) ? Offline.Tag.Noun : Offline.Tag.Gerund;
        if ((verb.Forms & (VerbForms.Past | VerbForms.Participle)) != VerbForms.None && !verb.Forms.HasFlag(VerbForms.Base))
        {
            if (previous?.Tag == Offline.Tag.Auxiliary)
                return Offline.Tag.Participle;
            if (afterNominalStart)
                return nextNominal ? Offline.Tag.Adjective : classes.HasFlag(WordClasses.Noun) ? Offline.Tag.Noun : Offline.Tag.Participle;
            if (index + 1 < tokens.Count && tokens[index + 1].Text is "by" && !verb.Forms.HasFlag(VerbForms.Base))
                return Offline.Tag.Participle;
            return !verb.Forms.HasFlag(VerbForms.Past) || finiteSeen || previous is null ? Offline.Tag.Participle : Offline.Tag.Verb;
        }
        if (previous?.Is("that", "which", "who") == true && !(previous.Is("that") && before.Count == 1))
            return Offline.Tag.Verb;
        var couldBeNominal = (classes & (WordClasses.Noun | WordClasses.Adjective)) != WordClasses.None;
        if (afterNominalStart)
            return classes.HasFlag(WordClasses.Adjective) && nextNominal ? Offline.Tag.Adjective : Offline.Tag.Noun;
        if (previous is null)
            return couldBeNominal && !NextStartsPhrase(tokens, index, lexicon) ? Nominal(classes, nextNominal) : Offline.Tag.Verb;
        if (previous.Is("to") || previous.Tag is Offline.Tag.Auxiliary or Offline.Tag.Pronoun)
            return previous.Tag == Offline.Tag.Auxiliary && previous.Is("is", "are", "was", "were", "be", "been") ? Nominal(classes, nextNominal) : Offline.Tag.Verb;
        if (previous.IsNominal)
        {
            var plural = EnglishSubject.LooksPlural(previous.Lower);
            // "helps the body absorb calcium": an infinitive.
            if (finiteSeen && !couldBeNominal && verb.Forms.HasFlag(VerbForms.Base) && before.Exists(token => token.Verb?.Verb is "help" or "make" or "let" or "see" or "watch" or "hear"))
                return Offline.Tag.Participle;
            if (finiteSeen)
                return couldBeNominal ? Nominal(classes, nextNominal) : plural || verb.Forms.HasFlag(VerbForms.ThirdSingular) ? Offline.Tag.Verb : Offline.Tag.Noun;
            if (verb.Forms.HasFlag(VerbForms.ThirdSingular))
                return couldBeNominal && FiniteFollows(tokens, index, lexicon) ? Offline.Tag.Noun : Offline.Tag.Verb;
            return (plural || !couldBeNominal) && !((couldBeNominal || !plural) && FiniteFollows(tokens, index, lexicon)) ? Offline.Tag.Verb : Nominal(classes, nextNominal);
        }
        return couldBeNominal && previous.Tag is not (Offline.Tag.Adverb or Offline.Tag.Conjunction) ? Nominal(classes, nextNominal) : Offline.Tag.Verb;
    }

    private static Tag Nominal(WordClasses classes, bool nextNominal) =>
        classes.HasFlag(WordClasses.Adjective) && (nextNominal || !classes.HasFlag(WordClasses.Noun)) ? Offline.Tag.Adjective : Offline.Tag.Noun;

    private static Tag OpenTag(IReadOnlyList<Token> tokens, List<TaggedToken> before, int index, WordClasses classes, Lexicon lexicon, bool finiteSeen)
    {
        var lower = tokens[index].Text.ToLowerInvariant();
        if (classes.HasFlag(WordClasses.Adjective) || classes.HasFlag(WordClasses.Noun))
            return Nominal(classes, NextCouldBeNoun(tokens, index, lexicon));
        if (classes.HasFlag(WordClasses.Adverb) || (lower.EndsWith("ly", StringComparison.Ordinal) && lower.Length > 4 && !NotAdverbs.Contains(lower)))
            return Offline.Tag.Adverb;
        var previous = Previous(before);
        if (previous?.Is("can", "could", "may", "might", "must", "shall", "should", "will", "would", "cannot", "do", "does", "did") == true)
            return Offline.Tag.Verb;
        if (previous?.Is("that", "which", "who") == true && !finiteSeen && lower.EndsWith('s') && !lower.EndsWith("ss", StringComparison.Ordinal))
            return Offline.Tag.Verb;
        if (lower.EndsWith("ing", StringComparison.Ordinal) && lower.Length > 5)
            return previous?.Tag == Offline.Tag.Auxiliary ? Offline.Tag.Verb : NextCouldBeNoun(tokens, index, lexicon) || previous?.IsNominal == true ? Offline.Tag.Gerund : Offline.Tag.Term;
        if (lower.EndsWith("ed", StringComparison.Ordinal) && lower.Length > 4)
            return previous?.Tag == Offline.Tag.Auxiliary ? Offline.Tag.Participle : NextCouldBeNoun(tokens, index, lexicon) ? Offline.Tag.Adjective : finiteSeen ? Offline.Tag.Participle : Offline.Tag.Verb;
        // "it only straightens the edge".
        if (!finiteSeen && lower.EndsWith('s') && before.Count > 1 && before.Skip(before.Count - 2).Any(token => token.Is("it", "he", "she") && token.Tag == Offline.Tag.Pronoun))
            return Offline.Tag.Verb;
        var nextNominal = NextCouldBeNoun(tokens, index, lexicon);
        var adjectival = lower.Contains('-', StringComparison.Ordinal) || Array.Exists(AdjectiveEndings, ending => lower.EndsWith(ending, StringComparison.Ordinal));
        if (adjectival && (nextNominal || (previous?.Tag == Offline.Tag.Auxiliary && lower.Length > 4 && !lower.EndsWith("ian", StringComparison.Ordinal))))
            return Offline.Tag.Adjective;
        // An unlisted word in -s between a singular noun and a determiner is that clause's verb ("the enzyme catalyses the").
        if (!finiteSeen && (previous?.IsNominal == true || previous?.Tag == Offline.Tag.Gerund) && lower.EndsWith('s') && !previous.Lower.EndsWith('s') && index + 1 < tokens.Count
            && lexicon.ClassesOf(tokens[index + 1].Text).HasFlag(WordClasses.Determiner))
            return Offline.Tag.Verb;
        return Offline.Tag.Term;
    }

    private static TaggedToken? Previous(List<TaggedToken> before)
    {
        for (var index = before.Count - 1; index >= 0; index--)
        {
            if (before[index].Tag == Offline.Tag.Punctuation)
                return null;
            if (before[index].Tag != Offline.Tag.Adverb)
                return before[index];
        }
        return null;
    }

    private static bool NextCouldBeNoun(IReadOnlyList<Token> tokens, int index, Lexicon lexicon)
    {
        if (index + 1 >= tokens.Count || tokens[index + 1].Kind != TokenKind.Word)
            return false;
        var next = tokens[index + 1].Text;
        if (lexicon.IsStopWord(next))
            return false;
        var classes = lexicon.ClassesOf(next);
        return (classes & (WordClasses.Noun | WordClasses.Adjective)) != WordClasses.None || (classes == WordClasses.None && !next.EndsWith("ly", StringComparison.Ordinal)) || NotAdverbs.Contains(next);
    }

    private static bool NextStartsPhrase(IReadOnlyList<Token> tokens, int index, Lexicon lexicon) =>
        index + 1 < tokens.Count && (lexicon.ClassesOf(tokens[index + 1].Text) & (WordClasses.Determiner | WordClasses.Possessive)) != WordClasses.None;

    private static bool FiniteFollows(IReadOnlyList<Token> tokens, int index, Lexicon lexicon)
    {
        for (var next = index + 1; next < tokens.Count && next <= index + 3; next++)
        {
            if (tokens[next].Kind == TokenKind.Punctuation)
                return false;
            var classes = lexicon.ClassesOf(tokens[next].Text);
            if (classes.HasFlag(WordClasses.Auxiliary))
                return true;
            if (classes.HasFlag(WordClasses.Verb) && lexicon.VerbReadingOf(tokens[next].Text)!.Forms is not (VerbForms.Gerund or VerbForms.Participle))
                return true;
            if ((classes & (WordClasses.Determiner | WordClasses.Preposition)) != WordClasses.None)
                return false;
        }
        return false;
    }
}
