using System.Buffers;
using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>
/// Judges whether a sentence can be a card at all, and whether it can be understood without the sentences around it.
/// </summary>
internal static class Standalone
{
    private const int FewestWords = 5;
    private const int MostWords = 36;

    /// <summary>What speaks against a sentence.</summary>
    /// <param name="Usable">False: never a source.</param>
    /// <param name="Complete">False: it leans on its neighbours, or speaks to or about persons present; only to be used when nothing better is there.</param>
    /// <param name="Penalty">Points off for smaller doubts.</param>
    internal sealed record Verdict(bool Usable, bool Complete, double Penalty)
    {
        internal static Verdict Unusable { get; } = new(false, false, 0);
    }

    private static readonly SearchValues<char> Markup = SearchValues.Create("|©®<>{}\\~^=");

    private static readonly string[] Boilerplate =
    [
        "all cookies", "accept cookies", "use cookies", "uses cookies", "cookie policy", "cookie settings", "verwenden cookies", "verwendet cookies", "nutzen cookies", "cookies zu", "cookie-einstellungen",
        "read more", "click here", "subscribe to", "subscribe now", "our newsletter", "the newsletter", "unseren newsletter", "newsletter abonn", "sign up for", "sign up now", "all rights reserved", "copyright 20", "copyright 19", "please log in",
        "log in to", "privacy policy", "terms of use", "terms of service", "share this", "follow us", "weiterlesen", "mehr lesen", "hier klicken", "klicken sie", "jetzt abonnieren", "jetzt anmelden", "melden sie sich",
        "alle rechte vorbehalten", "datenschutzerklärung", "datenschutzhinweis", "impressum", "agb", "anzeige:", "lesen sie auch", "read also", "see also", "siehe auch", "jetzt teilen", "isbn", "enable javascript", "javascript aktivieren",
        "abb.", "abbildung", "tabelle", "figure", "fig.", "table", "kapitel", "chapter", "see section", "siehe abschnitt",
    ];

    // A connective at the start ties the sentence to the one before.
    private static readonly HashSet<string> TyingStarts =
    [
        "but", "and", "or", "so", "yet", "then", "thus", "hence", "instead", "otherwise", "here", "such", "both", "another", "others", "either", "neither", "also", "still", "nor",
        "consequently", "accordingly", "afterwards", "conversely", "similarly", "likewise", "because", "that", "which", "again", "later", "meanwhile", "soon", "finally", "next", "first", "second", "third", "alternatively", "too", "among", "nevertheless", "later", "eventually",
        "aber", "und", "oder", "doch", "denn", "dann", "dort", "hier", "dabei", "dadurch", "dafür", "dagegen", "daher", "darum", "deshalb", "deswegen", "darauf", "daraus", "darin", "darüber", "darunter", "davon",
        "dazu", "danach", "davor", "damit", "dennoch", "trotzdem", "allerdings", "hingegen", "somit", "also", "folglich", "vielmehr", "ebenso", "ebenfalls", "beide", "beides", "ersteres", "letzteres", "anschließend", "schließlich", "jedoch", "außerdem", "zudem", "ferner", "so", "solche", "andere", "auch", "stattdessen", "umgekehrt", "sonst", "weil", "später", "zuvor", "danach", "inzwischen", "mittlerweile", "bald", "dazwischen", "daneben", "derartige", "zugleich", "gleichzeitig", "erst", "nun", "jetzt", "damals", "heute", "zunächst", "zuerst", "zuletzt", "daran", "hierbei", "hierzu", "hierfür", "dies", "das", "seitdem", "seither", "dessen", "deren",
    ];

    private static readonly HashSet<string> BackReferences =
    [
        "former", "latter", "aforementioned", "above-mentioned", "thereof", "therein", "thereby", "this", "these", "those", "such",
        "diese", "dieser", "dieses", "diesen", "diesem", "jene", "jener", "jenes", "jenen", "jenem", "letztere", "letzterer", "letzteres", "erstere", "ersterer", "ersteres", "obige", "obigen", "dies",
        "dabei", "dadurch", "dafür", "dagegen", "daher", "deshalb", "deswegen", "daraus", "darin", "davon", "danach", "solche", "solchen", "solcher", "solches",
    ];

    private static readonly HashSet<string> ThirdPerson =
    [
        "he", "she", "it", "they", "him", "them", "his", "her", "its", "their", "hers", "theirs",
        "er", "sie", "es", "ihn", "ihm", "ihnen", "sein", "seine", "seinen", "seinem", "seiner", "seines", "ihr", "ihre", "ihren", "ihrem", "ihrer", "ihres",
    ];

    private static readonly HashSet<string> PersonsPresent =
    [
        "i", "me", "my", "mine", "myself", "ourselves", "you", "your", "yours", "yourself",
        "i'm", "i've", "i'd", "i'll", "we're", "we've", "we'd", "we'll", "you're", "you've", "you'd", "you'll", "let's",
        "ich", "mich", "mir", "mein", "meine", "meinen", "meinem", "meiner", "meines", "du", "dich", "dir", "dein", "deine", "deinen", "deinem", "deiner",
    ];

    private static readonly HashSet<string> SpeechVerbs =
    [
        "said", "says", "told", "asked", "replied", "whispered", "laughed", "smiled", "nodded", "shrugged", "insisted",
        "sagte", "sagten", "fragte", "antwortete", "erwiderte", "meinte", "lächelte", "nickte", "lachte", "mitteilte", "mitteilten", "berichtete", "kritisierte", "kritisierten",
    ];

    private static readonly HashSet<string> Weekdays =
    [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
        "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonnabend", "sonntag", "montagabend", "dienstagabend", "mittwochabend", "donnerstagabend", "freitagabend", "samstagabend", "sonntagabend",
    ];

    private static readonly HashSet<string> RelationalNouns =
    [
        "deficiency", "intake", "dose", "doses", "dosage", "overdose", "shortage", "symptoms", "treatment", "consumption", "production",
        "mangel", "zufuhr", "dosis", "tagesdosis", "überdosis", "überdosierung", "symptome", "behandlung", "verbrauch", "gehalt", "tagesbedarf", "bedarf", "herstellung",
    ];

    internal static Verdict Judge(SourceSentence sentence, SourceText text)
    {
        var words = sentence.WordCount;
        if (sentence.Span.Kind == SentenceKind.Fragment || words is < FewestWords or > MostWords || !IsWellFormed(sentence))
            return Verdict.Unusable;
        var penalty = words switch { > 30 => 0.9, > 24 => 0.4, < 7 => 0.5, _ => 0 };
        if (sentence.Text[^1] == '!')
            penalty += 1;
        if (sentence.Span.Kind == SentenceKind.ListItem)
            penalty += 0.5;
        // "the hormone that makes us hungry" is about everybody; "we walked" is about somebody.
        if (sentence.Tokens.Any(token => token.Is("we", "us", "our", "ours", "wir", "uns", "unser", "unsere", "unseren", "unserem", "unserer") && !token.Text.Equals("US", StringComparison.Ordinal)))
            penalty += sentence.Tokens.Take(3).Any(token => token.Is("we", "our", "wir", "unser", "unsere")) ? 2 : 0.7;
        var complete = !TiesBack(sentence) && !PointsBack(sentence, text, ref penalty) && !SpeaksToSomeone(sentence);
        if (sentence.Tokens[0].Is("the", "der", "die", "das") && sentence.Tokens[1].Tag == Tag.Noun && sentence.Tokens.Count > 2 && sentence.Tokens[2].IsFinite)
            penalty += 0.4;
        if (IsRankedStart(sentence))
            penalty += 1;
        // Orders make poor facts.
        if (!text.IsGerman && IsOrder(sentence) || sentence.Tokens[0].Is("never", "always", "do"))
            penalty += 1.2;
        if (IsReport(sentence))
            penalty += 1.2;
        // "Lena gähnte": somebody in a story.
        if (text.HasSpeech && (ProperNames.IsFirstName(sentence.Tokens[0].Text) && sentence.Tokens[1].Tag is Tag.Verb || sentence.Tokens[0].Is("frau", "herr", "doktor", "mr", "mrs", "ms", "miss", "uncle", "aunt", "onkel", "tante", "opa", "oma")))
            penalty += 1.8;
        if (LacksPossessor(sentence))
            penalty += 2.4;
        return new Verdict(true, complete, penalty);
    }

    private static bool IsOrder(SourceSentence sentence)
    {
        var first = sentence.Tokens[0];
        var next = sentence.Tokens[1];
        return first.Tag == Tag.Verb || first.Verb?.Forms.HasFlag(VerbForms.Base) == true && (next.Tag is Tag.Determiner or Tag.Possessive or Tag.Number || next.Is("it", "them", "each", "all"));
    }

    // What somebody said, and what happened "on Tuesday": true on the day, and nothing to learn.
    private static bool IsReport(SourceSentence sentence)
    {
        for (var index = 0; index < sentence.End; index++)
        {
            var token = sentence.Tokens[index];
            if (SpeechVerbs.Contains(token.Lower) && token.Tag is Tag.Verb || index > 0 && Weekdays.Contains(token.Lower) && sentence.Tokens[index - 1].Is("on", "am", "last", "next", "since", "seit"))
                return true;
        }
        return false;
    }

    // "A severe deficiency causes …", "Die empfohlene Tagesdosis beträgt …": of what?
    private static bool LacksPossessor(SourceSentence sentence)
    {
        for (var index = 0; index < sentence.End && index < 6; index++)
        {
            var token = sentence.Tokens[index];
            if (RelationalNouns.Contains(token.Lower))
                return !(index > 0 && sentence.Tokens[index - 1].Tag is Tag.Term or Tag.Name or Tag.Noun) && !sentence.Tokens.Skip(index + 1).Take(3).Any(next => next.Is("of", "des", "der", "von", "vom", "an"));
            if (token.IsFinite || token.IsNominal && sentence.Tokens[Math.Min(index + 1, sentence.End - 1)].IsNominal == false)
                return false;
        }
        return false;
    }

    private static bool IsRankedStart(SourceSentence sentence)
    {
        for (var index = 1; index < sentence.End && index < 6; index++)
        {
            if (sentence.Tokens[index].IsNominal)
                return IsRanked(sentence, 0, index) && !HasComplement(sentence, index) && !(index + 1 < sentence.End && sentence.Tokens[index + 1].IsNominal);
        }
        return false;
    }

    private static bool IsWellFormed(SourceSentence sentence)
    {
        var text = sentence.Text;
        if (text[^1] is not ('.' or '!' or ')' or ']') || text.EndsWith("..", StringComparison.Ordinal) || text.Contains("...", StringComparison.Ordinal) || text.Contains('…', StringComparison.Ordinal))
            return false;
        if (!char.IsUpper(text[0]) && !char.IsDigit(text[0]))
            return false;
        if (text.AsSpan().ContainsAny(Markup) || text[0] is '"' or '„' or '“' or '”' or '«' or '»' || !IsBalanced(text))
            return false;
        var tokens = sentence.Tokens;
        if (tokens.Any(token => token.Tag == Tag.Address) || !tokens.Any(token => token.IsFinite || token.Verb is not null))
            return false;
        if (tokens.Count(token => token.Tag is Tag.Number or Tag.Punctuation or Tag.Unit) > tokens.Count * 0.45)
            return false;
        // Direct speech and questions inside a sentence are somebody's words, not a fact.
        if (text.AsSpan().IndexOfAny('?', '!') >= 0 && text[^1] != '!')
            return false;
        return !Array.Exists(Boilerplate, phrase => ContainsPhrase(text, phrase));
    }

    private static bool ContainsPhrase(string text, string phrase)
    {
        var at = text.IndexOf(phrase, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return false;
        if (phrase is not ("table" or "figure" or "chapter" or "kapitel" or "tabelle" or "abbildung" or "agb" or "abb." or "fig."))
            return true;
        // "Table 3" refers to something that is not on the card; a table in a kitchen does not.
        var after = at + phrase.Length;
        return (at == 0 || !char.IsLetter(text[at - 1])) && after + 1 < text.Length && text[after] == ' ' && char.IsDigit(text[after + 1]);
    }

    private static bool IsBalanced(string text)
    {
        var round = 0;
        var square = 0;
        var straight = 0;
        var quotes = 0;
        foreach (var character in text)
        {
            round += character == '(' ? 1 : character == ')' ? -1 : 0;
            square += character == '[' ? 1 : character == ']' ? -1 : 0;
            straight += character == '"' ? 1 : 0;
            quotes += character is '„' or '“' or '”' or '«' or '»' ? 1 : 0;
            if (round < 0 || square < 0)
                return false;
        }
        return round == 0 && square == 0 && straight % 2 == 0 && quotes % 2 == 0;
    }

    private static bool TiesBack(SourceSentence sentence)
    {
        var first = sentence.Tokens[0];
        if (first.Is("there") || (first.Is("es") && sentence.Tokens.Count > 1 && sentence.Tokens[1].Is("gibt", "gab")))
            return false;
        if (first.Is("das") && sentence.Tokens.Count > 1 && (sentence.Tokens[1].IsNominal || sentence.Tokens[1].Tag == Tag.Adjective || sentence.Tokens[1].Tag == Tag.Number))
            return false;
        if (first.Is("first", "second", "third", "both", "such", "erst") && first.Is("first", "second", "third") && sentence.Tokens[1].Text != ",")
            return false;
        if (first.Is("among", "so") && first.Is("among"))
            return sentence.Tokens.Count > 1 && sentence.Tokens[1].Is("them", "these", "those", "others");
        return TyingStarts.Contains(first.Lower) || StartsWithPhrase(sentence, "for example") || StartsWithPhrase(sentence, "for instance") || StartsWithPhrase(sentence, "for this")
            || StartsWithPhrase(sentence, "as a result") || StartsWithPhrase(sentence, "in other words") || StartsWithPhrase(sentence, "in addition") || StartsWithPhrase(sentence, "at the same time")
            || StartsWithPhrase(sentence, "zum beispiel") || StartsWithPhrase(sentence, "im gegensatz dazu") || StartsWithPhrase(sentence, "mit anderen worten") || StartsWithPhrase(sentence, "in contrast")
            || StartsWithPhrase(sentence, "aus diesem") || StartsWithPhrase(sentence, "der name") || StartsWithPhrase(sentence, "ein beispiel") || StartsWithPhrase(sentence, "on the other") || StartsWithPhrase(sentence, "after that");
    }

    private static bool StartsWithPhrase(SourceSentence sentence, string phrase) => sentence.Text.StartsWith(phrase, StringComparison.OrdinalIgnoreCase);

    // Pronouns without a noun before them, demonstratives, and "the company" when it was named elsewhere.
    private static bool PointsBack(SourceSentence sentence, SourceText text, ref double penalty)
    {
        var nounSeen = false;
        var finiteSeen = false;
        var firstClause = true;
        var pointsBack = false;
        for (var index = 0; index < sentence.End; index++)
        {
            var token = sentence.Tokens[index];
            finiteSeen |= token.IsFinite;
            if (BackReferences.Contains(token.Lower) && !IsRelativeUse(sentence, index) && !(nounSeen && PointsInside(sentence, index, firstClause)))
                pointsBack = true;
            if (token.Is("dort") && !nounSeen)
                pointsBack = true;
            if (token.Text is "," or ";" or ":" or "–" || (token.Tag == Tag.Conjunction && index > 0) || token.Is("that", "which", "who", "to", "when", "as"))
                firstClause = false;
            // In the first clause the only noun before a pronoun is the subject, which it cannot mean.
            if (index == sentence.Antecedent?.Index)
            {
                penalty += 0.3;
                nounSeen = true;
                continue;
            }
            if (ThirdPerson.Contains(token.Lower) && !IsExpletive(sentence, index) && (!nounSeen || (firstClause && IsPersonal(token))))
                pointsBack = true;
            // "Während des Winterschlafs sinkt ihre Temperatur", "In 1811 her brother …": the subject itself belongs to somebody named before.
            if (firstClause && IsPossessive(token) && sentence.Tokens[0].Tag is Tag.Preposition or Tag.Number && (text.IsGerman ? finiteSeen && sentence.Tokens[index - 1].IsFinite : !finiteSeen && index > 1))
                pointsBack = true;
            // "Emma is the only one of her novels": what is said to be hers is not the subject itself.
            if (firstClause && finiteSeen && IsPossessive(token) && IsCopular(sentence))
                pointsBack = true;
            if (token.IsNominal)
            {
                if (token.Is("jahr", "jahre", "jahrhundert") || GermanClause.IsMonth(token))
                    continue;
                if (IsBareDefinite(sentence, index, text))
                {
                    if (finiteSeen || !firstClause)
                        penalty += 0.6;
                    else
                        pointsBack = true;
                }
                nounSeen = true;
            }
        }
        return pointsBack;
    }

    // "verdaut die darin enthaltenen Algen", "…, und die Fahrzeit verlängert sich dadurch": what is meant stands before.
    private static bool PointsInside(SourceSentence sentence, int index, bool firstClause) =>
        sentence.Tokens[index].Is("darin", "dabei", "dadurch", "daraus", "davon", "danach")
        && (!firstClause || index + 2 < sentence.End && sentence.Tokens[index + 1].Tag is Tag.Adjective or Tag.Participle or Tag.Verb && sentence.Tokens[index + 2].IsNominal);

    private static bool IsPossessive(TaggedToken token) => token.Tag == Tag.Possessive && ThirdPerson.Contains(token.Lower);

    private static bool IsCopular(SourceSentence sentence)
    {
        var tokens = sentence.Tokens;
        var verb = Enumerable.Range(0, sentence.End).First(index => tokens[index].IsFinite);
        return tokens[verb].Is("is", "are", "was", "were", "ist", "sind", "war", "waren") && tokens[sentence.End - 1].Tag != Tag.Participle
            && !tokens.Skip(verb + 1).Take(2).Any(token => token.Tag == Tag.Participle);
    }

    private static bool IsPersonal(TaggedToken token) => token.Is("he", "she", "it", "they", "him", "them", "er", "sie", "es", "ihn", "ihm", "ihnen");

    private static bool IsExpletive(SourceSentence sentence, int index) =>
        sentence.Tokens[index].Is("es") && ((index + 1 < sentence.End && sentence.Tokens[index + 1].Is("gibt", "gab")) || (index > 0 && sentence.Tokens[index - 1].Is("gibt", "gab")));

    // "those who", "such as": nothing before is meant.
    private static bool IsRelativeUse(SourceSentence sentence, int index)
    {
        var next = index + 1 < sentence.End ? sentence.Tokens[index + 1] : null;
        return (sentence.Tokens[index].Is("those") && next?.Is("who", "that", "which", "of", "with", "in", "from") == true)
            || (sentence.Tokens[index].Is("such") && next?.Is("as", "a", "that") == true);
    }

    /// <summary>"The company", "die neue Anlage": a class word with a definite article and nothing that says which one.</summary>
    internal static bool IsBareDefinite(SourceSentence sentence, int index, SourceText text)
    {
        var tokens = sentence.Tokens;
        var noun = tokens[index];
        // "the country's electricity": which country is not said, whatever it has.
        var possessor = noun.Lower.EndsWith("'s", StringComparison.Ordinal) || noun.Lower.EndsWith("’s", StringComparison.Ordinal);
        if (noun.Tag == Tag.Name || (!possessor && index + 1 < tokens.Count && tokens[index + 1].IsNominal))
            return false;
        var start = index - 1;
        while (start >= 0 && (tokens[start].Tag is Tag.Adjective or Tag.Adverb || (tokens[start].IsNominal && !text.IsGerman)))
        {
            if (tokens[start].Classes == WordClasses.None)
                return false;
            start--;
        }
        if (start < 0 || !tokens[start].Is("the", "der", "die", "das", "den", "dem", "des", "im", "vom", "zum", "zur", "am", "beim"))
            return false;
        if (!noun.Classes.HasFlag(WordClasses.Anaphoric) && !(start == index - 1 && text.WasIntroducedBefore(noun, sentence.Index)))
            return false;
        if (tokens[start].Is("im", "zum", "zur", "am", "vom", "beim") && !noun.Classes.HasFlag(WordClasses.Anaphoric))
            return false;
        return !HasComplement(sentence, index);
    }

    /// <summary>"The largest deposits", "die zweite Stufe": a rank that needs to be told of what.</summary>
    internal static bool IsRanked(SourceSentence sentence, int from, int head)
    {
        if (!sentence.Tokens[from].Is("the", "der", "die", "das"))
            return false;
        for (var index = from + 1; index < head; index++)
        {
            var token = sentence.Tokens[index];
            if (token.Is("first", "second", "third", "main", "last", "next", "final", "only", "most", "best", "main", "other", "same", "new", "original", "typical",
                "erste", "ersten", "zweite", "zweiten", "dritte", "dritten", "letzte", "letzten", "nächste", "einzige", "neue", "neuen", "wichtigste", "wichtigsten", "andere", "anderen", "übrigen")
                || (token.Tag == Tag.Adjective && token.Lower.Length > 5 && (token.Lower.EndsWith("ste", StringComparison.Ordinal) || token.Lower.EndsWith("sten", StringComparison.Ordinal) || token.Lower.EndsWith("est", StringComparison.Ordinal))))
                return true;
        }
        return false;
    }

    private static bool HasComplement(SourceSentence sentence, int index)
    {
        if (index + 1 >= sentence.End)
            return false;
        var next = sentence.Tokens[index + 1];
        if (next.Is("of", "for", "between", "that", "who", "which", "in", "behind", "des", "der", "eines", "einer", "von", "für", "zwischen", "zur", "zum", "als", "to", "with", "from", "where", "on", "at", "aus", "mit", "namens", "called", "named", "known", "vom", "im", "an", "am", "auf", "über"))
            return true;
        return next.Text == "," && index + 2 < sentence.End && sentence.Tokens[index + 2].Is("der", "die", "das", "deren", "dessen", "in", "den", "dem", "wo", "an");
    }

    private static bool SpeaksToSomeone(SourceSentence sentence)
    {
        for (var index = 0; index < sentence.End; index++)
        {
            var token = sentence.Tokens[index];
            if (PersonsPresent.Contains(token.Lower) && !token.Text.Equals("US", StringComparison.Ordinal))
                return true;
            if (index > 0 && token.Text is "Sie" or "Ihnen" or "Ihr" or "Ihre" or "Ihren" or "Ihrem" or "Ihrer" && sentence.Tokens[index].Tag == Tag.Pronoun && index > 0)
                return true;
        }
        return false;
    }
}
