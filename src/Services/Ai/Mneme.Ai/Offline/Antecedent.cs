using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>Whom or what a sentence's leading pronoun means, told from the subject of the sentence before.</summary>
/// <param name="Index">The pronoun's token.</param>
/// <param name="Phrase">The subject meant, as it can stand inside a sentence.</param>
/// <param name="Explanation">What stands in brackets behind the pronoun, so that the sentence can be understood alone.</param>
/// <param name="IsSubject">The pronoun is the sentence's own subject; false for "its", "seine".</param>
/// <param name="IsPlural">Takes a plural verb.</param>
/// <param name="IsPerson">Asked for with "who" or "wer".</param>
/// <param name="Head">The token of the earlier sentence that carries the subject.</param>
internal sealed record Antecedent(int Index, string Phrase, string Explanation, bool IsSubject, bool IsPlural, bool IsPerson, TaggedToken Head)
{
    private const int LongestPhrase = 60;
    private const int LatestPronoun = 7;

    /// <summary>Resolves a sentence by the one before it, whose own pronoun is resolved already; null when it has no such pronoun or the two do not agree.</summary>
    internal static Antecedent? Of(SourceSentence sentence, SourceSentence previous, SourceText text)
    {
        if (sentence.Span.Block != previous.Span.Block || previous.Span.Kind == SentenceKind.Fragment || sentence.End < 3)
            return null;
        return text.IsGerman ? German(sentence, previous, text) : English(sentence, previous, text);
    }

    private static Antecedent? English(SourceSentence sentence, SourceSentence previous, SourceText text)
    {
        var tokens = sentence.Tokens;
        var index = LeadingPronoun(sentence, EnglishClause.MainVerb(sentence, 0));
        if (index < 0 || tokens[index].Is("it") && IsExpletive(sentence, index))
            return null;
        var pronoun = tokens[index];
        var subject = pronoun.Is("he", "she", "his", "her") && text.Protagonist is { } protagonist ? protagonist : SubjectOf(previous, text) ?? EnglishSubjectOf(previous.Antecedent, pronoun);
        if (subject is null)
            return null;
        var isName = subject.Head.Tag == Tag.Name && !subject.IsPlural && !ProperNames.IsPlace(subject.Head.Text) && !subject.Phrase.StartsWith("the ", StringComparison.Ordinal);
        var person = subject.IsPerson || isName;
        var agrees = pronoun.Lower switch
        {
            "he" or "she" or "his" or "her" => person || subject.Head.Classes.HasFlag(WordClasses.Person),
            "it" or "its" => !subject.IsPlural && !subject.IsPerson && !subject.Head.Classes.HasFlag(WordClasses.Person),
            _ => subject.IsPlural,
        };
        var possessive = pronoun.Is("his", "her", "its", "their");
        if (!agrees || subject.Phrase.Length > LongestPhrase || !subject.IsSpecific)
            return null;
        var explanation = possessive ? subject.Phrase + (subject.Phrase.EndsWith('s') ? "’" : "’s") : subject.Phrase;
        return new Antecedent(index, subject.Phrase, explanation, !possessive, subject.IsPlural, pronoun.Is("he", "she", "his", "her"), subject.Head);
    }

    // A pronoun that means the same as one in the sentence before: "In 1811 she …", then "She …"; through "her father" only a person is meant still.
    private static EnglishSubject? EnglishSubjectOf(Antecedent? meant, TaggedToken pronoun) => meant is null || !(meant.IsSubject || meant.IsPerson && pronoun.Is("he", "she", "his", "her"))
        ? null
        : new EnglishSubject(meant.Phrase, meant.Index, meant.Index + 1, meant.IsPlural, meant.IsPerson, IsSpecific: true, meant.Head);

    private static EnglishSubject? SubjectOf(SourceSentence sentence, SourceText text)
    {
        var verb = EnglishClause.MainVerb(sentence, 0);
        return verb <= 0 ? null : EnglishSubject.Read(sentence, text, EnglishQuestions.LeadEnd(sentence), verb);
    }

    /// <summary>The person whom an English text is about: the subject of its first statement, when all that is said of "him" or "her" is of one sex.</summary>
    internal static EnglishSubject? ProtagonistOf(SourceText text)
    {
        var first = text.Sentences.FirstOrDefault(sentence => sentence.Span.Kind != SentenceKind.Fragment);
        if (first is null || SubjectOf(first, text) is not { IsPerson: true } person)
            return null;
        var words = text.Sentences.SelectMany(sentence => sentence.Tokens).Select(token => token.Lower).ToHashSet();
        return words.Overlaps(["he", "him", "his"]) && words.Overlaps(["she", "her", "hers"]) ? null : person;
    }

    private static Antecedent? German(SourceSentence sentence, SourceSentence previous, SourceText text)
    {
        var tokens = sentence.Tokens;
        var own = GermanClause.MainVerb(sentence);
        var index = LeadingPronoun(sentence, own);
        var verb = GermanClause.MainVerb(previous);
        if (index < 0 || own <= 0 || verb <= 0 || tokens[index].Is("es") && IsExpletive(sentence, index))
            return null;
        var pronoun = tokens[index];
        var chained = previous.Antecedent is { } meant && (meant.IsSubject || meant.IsPerson && !pronoun.Is("es")) ? meant : null;
        var subject = chained is null ? GermanSubject.Read(previous, text, 0, verb) : new GermanSubject(chained.Phrase, chained.Index, chained.Index + 1, chained.IsPerson, IsSpecific: true, chained.Head);
        if (subject is null)
            return null;
        var plural = chained?.IsPlural ?? IsPluralVerb(previous.Tokens[verb]);
        var first = chained is null ? previous.Tokens[subject.From].Lower : chained.Phrase.Split(' ')[0];
        var agrees = pronoun.Lower switch
        {
            "er" => !plural && first is not ("die" or "das" or "eine"),
            "es" => !plural && first is not ("der" or "die" or "eine") && !subject.IsPerson,
            "sie" => plural ? IsPluralVerb(tokens[own]) : !IsPluralVerb(tokens[own]) && first is not ("der" or "das" or "ein"),
            "sein" or "seine" => !plural && first is not ("die" or "eine"),
            _ => plural || first is not ("der" or "das" or "ein"),
        };
        var possessive = pronoun.Is("sein", "seine", "ihr", "ihre");
        if (!agrees || subject.Phrase.Length > LongestPhrase || !subject.IsSpecific)
            return null;
        var explanation = possessive ? "gemeint: " + subject.Phrase : subject.Phrase;
        return new Antecedent(index, subject.Phrase, explanation, !possessive, plural, subject.IsPerson, subject.Head);
    }

    // "It …", "Its …", "In 1811 she …", "1699 reiste sie …": nothing before it names another that could be meant.
    private static int LeadingPronoun(SourceSentence sentence, int verb)
    {
        var tokens = sentence.Tokens;
        if (tokens[0].Is("he", "she", "it", "they", "er", "sie", "es"))
            return verb is > 0 and <= 3 ? 0 : -1;
        if (tokens[0].Is("his", "her", "its", "their", "sein", "seine", "ihr", "ihre"))
            return tokens[1].IsNominal || tokens[1].Tag == Tag.Adjective ? 0 : -1;
        if (verb is < 1 or > LatestPronoun)
            return -1;
        var index = verb + 1 < sentence.End && tokens[verb + 1].Text is "er" or "sie" or "es" or "sein" or "seine" or "ihr" or "ihre" ? verb + 1
            : tokens[verb - 1].Text is "he" or "she" or "it" or "they" ? verb - 1
            : Enumerable.Range(1, verb - 1).FirstOrDefault(at => tokens[at].Text is "his" or "her" or "its" or "their", -1);
        if (index < 0 || !(tokens[0].Tag is Tag.Preposition or Tag.Number or Tag.Adverb))
            return -1;
        return Enumerable.Range(0, Math.Min(index, verb)).Any(at => tokens[at].Tag == Tag.Name || (tokens[at].Tag == Tag.Term && ProperNames.IsFirstName(tokens[at].Text)) || tokens[at].Classes.HasFlag(WordClasses.Person) || tokens[at].IsFinite)
            ? -1
            : index;
    }

    // "It is said that …", "It takes an hour to …", "Es gibt …", "Es ist wichtig, dass …": nothing is meant.
    private static bool IsExpletive(SourceSentence sentence, int index)
    {
        var tokens = sentence.Tokens;
        var rest = tokens.Skip(index + 1).Take(9).ToList();
        return rest.Exists(token => token.Is("that", "dass", "to", "zu", "ob", "whether", "until"))
            && rest.Take(4).Any(token => token.Tag is Tag.Adjective or Tag.Participle || token.Is("takes", "took", "seems", "appears", "not", "was", "is", "ist", "war", "scheint", "gelang", "dauert", "dauerte"))
            || rest.Take(2).Any(token => token.Is("gibt", "gab", "rains", "regnet", "geht", "handelt", "heißt", "kommt", "kam", "turns", "follows"));
    }

    private static bool IsPluralVerb(TaggedToken verb) => verb.Is("sind", "waren", "werden", "wurden", "haben", "hatten") || verb.Lower.EndsWith("en", StringComparison.Ordinal) || verb.Lower.EndsWith("eln", StringComparison.Ordinal) || verb.Lower.EndsWith("ern", StringComparison.Ordinal);
}
