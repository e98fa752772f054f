using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>Turns German statements into questions whose answer stands verbatim in them.</summary>
internal static class GermanQuestions
{
    private static readonly HashSet<string> AskableVerbs =
    [
        "bezeichnen", "beschreiben", "bedeuten", "umfassen", "enthalten", "messen", "regulieren", "steuern", "verbinden", "trennen", "speichern", "transportieren", "produzieren", "erzeugen", "verursachen",
        "verhindern", "absorbieren", "reflektieren", "untersuchen", "regeln", "bestimmen", "pumpen", "filtern", "bilden", "symbolisieren", "definieren", "schützen", "verbieten", "benötigen", "erfordern", "umgeben", "verwandeln", "beinhalten", "hemmen", "übersetzen", "bedecken", "garantieren",
    ];

    private static readonly HashSet<string> Achievements =
    [
        "entdecken", "erfinden", "schreiben", "gründen", "entwickeln", "veröffentlichen", "einführen", "formulieren", "komponieren", "malen", "entwerfen", "bauen", "erbauen", "schaffen", "begründen", "gewinnen",
        "beweisen", "verfassen", "übersetzen", "erobern", "unterzeichnen", "beschreiben", "erforschen", "prägen", "errichten", "beobachten", "bauen", "konstruieren", "vollenden",
    ];

    private static readonly HashSet<string> VaguePredicates =
    [
        "grund", "sache", "frage", "problem", "fehler", "idee", "glück", "pech", "ding", "weg", "beispiel", "ergebnis", "erfolg", "wahl", "ausnahme", "teil", "muss", "spaß", "freude", "schade", "zeichen", "moment", "bisschen", "art", "kunst", "gleiche", "beste", "wunder", "anfang", "nachteil", "vorteil", "geheimnis", "trick", "überraschung", "katastrophe", "chance",
    ];

    private static readonly Dictionary<string, (string Preposition, string Question)[]> WithPreposition = new()
    {
        ["bestehen"] = [("aus", "Woraus")],
        ["entstehen"] = [("durch", "Wodurch"), ("aus", "Woraus")],
        ["beruhen"] = [("auf", "Worauf")],
        ["basieren"] = [("auf", "Worauf")],
        ["führen"] = [("zu", "Wozu"), ("zur", "Wozu"), ("zum", "Wozu")],
        ["gehören"] = [("zu", "Wozu"), ("zur", "Wozu"), ("zum", "Wozu"), ("zu den", "Wozu")],
        ["sorgen"] = [("für", "Wofür")],
        ["stehen"] = [("für", "Wofür")],
        ["schützen"] = [("vor", "Wovor")],
        ["stammen"] = [("aus", "Woher"), ("von", "Woher")],
        ["dienen"] = [("als", "Wozu"), ("zur", "Wozu"), ("zum", "Wozu"), ("der", "Wozu"), ("dem", "Wozu"), ("dazu", "Wozu")],
        ["liegen"] = [("in", "Wo"), ("im", "Wo"), ("am", "Wo"), ("an", "Wo"), ("auf", "Wo"), ("zwischen", "Wo"), ("hinter", "Wo"), ("unter", "Wo"), ("südlich", "Wo"), ("nördlich", "Wo"), ("östlich", "Wo"), ("westlich", "Wo")],
        ["wirken"] = [("als", "Als was")],
        ["verfügen"] = [("über", "Worüber")],
    };

    internal static IEnumerable<Candidate> Of(SourceSentence sentence, SourceText text)
    {
        var verb = GermanClause.MainVerb(sentence);
        if (verb <= 0)
            return [];
        var candidates = new List<Candidate?>();
        if (verb + 1 < sentence.End)
        {
            candidates.Add(Termed(sentence, text, verb));
            candidates.Add(GermanDates.Fronted(sentence, text, verb));
            var next = GermanClause.SkipAdverbs(sentence, verb + 1);
            if (next < sentence.End && !GermanClause.IsNegation(sentence.Tokens[next]) && !sentence.Tokens[next].Is("man") && GermanSubject.Read(sentence, text, 0, verb) is { } subject)
                candidates.AddRange(About(sentence, subject, verb, next));
        }
        return candidates.OfType<Candidate>();
    }

    private static IEnumerable<Candidate?> About(SourceSentence sentence, GermanSubject subject, int verb, int next)
    {
        var token = sentence.Tokens[verb];
        if (token.Is("ist", "sind", "war", "waren"))
            yield return Copula(sentence, subject, verb, next);
        if (token.Is("heißt", "heißen", "hieß", "lautet") && sentence.End - next <= 8)
            yield return Make(sentence, $"Wie {token.Lower} {subject.Phrase}?", next, GermanClause.AnswerEnd(sentence, next), 4.8);
        if (token.Is("wird", "werden"))
            yield return Called(sentence, subject, verb, next);
        if (token.Is("befindet", "befinden") && sentence.Tokens[verb + 1].Is("sich") && subject.IsSpecific)
            yield return Make(sentence, $"Wo {token.Lower} sich {subject.Phrase}?", GermanClause.SkipAdverbs(sentence, verb + 2), GermanClause.AnswerEnd(sentence, verb + 2), 4.1);
        yield return HowMany(sentence, subject, verb, next);
        yield return GermanDates.Within(sentence, subject, verb);
        yield return Person(sentence, subject, verb);
        yield return ByWhom(sentence, subject, verb);
        yield return ByWhat(sentence, subject, verb, next);
        yield return Active(sentence, subject, verb, next);
    }

    private static Candidate? Copula(SourceSentence sentence, GermanSubject subject, int verb, int from)
    {
        var tokens = sentence.Tokens;
        var be = tokens[verb].Lower;
        var first = tokens[from];
        var to = GermanClause.AnswerEnd(sentence, from);
        var nominal = first.Is("ein", "eine", "einer", "eines", "der", "die", "das") || StartsWithNoun(sentence, from);
        if (!nominal || to - from is < 1 or > 30 || (!HasComma(sentence, from, to) && (tokens[to - 1].Tag == Tag.Participle || tokens[to - 1].Is("worden", "geworden", "gewesen"))))
            return null;
        var head = Enumerable.Range(from, to - from).FirstOrDefault(index => tokens[index].IsNominal, -1);
        if (head < 0 || head - from > 6 || (VaguePredicates.Contains(tokens[head].Lower) && to - head < 5) || first.Is("die", "der", "das") && tokens[from + 1].Is("gleiche", "beste", "gleichen"))
            return null;
        var between = Enumerable.Range(from, head - from).All(index => tokens[index].Tag is Tag.Determiner or Tag.Adjective or Tag.Adverb or Tag.Number or Tag.Participle or Tag.Verb || tokens[index].Is("und", ",", "von"));
        // "Die Zelle ist die kleinste …" goes on with the noun; "… ist der Abstand zur Sonne groß" does not.
        if (!between || (tokens[to - 1].Tag == Tag.Adjective && !tokens[to - 1].IsNominal && Enumerable.Range(head, to - head).All(index => tokens[index].Text != ",")))
            return null;
        var content = Enumerable.Range(from, to - from).Count(index => tokens[index].IsContent);
        // "Abseits ist ein Spieler, wenn …" says who is offside, not what it is; "ein Hattrick sind drei Tore" has its subject behind.
        if ((subject.To - subject.From == 1 && Enumerable.Range(from, to - from).Any(index => tokens[index].Text == "," && index + 1 < to && tokens[index + 1].Is("wenn", "falls")))
            || (be is "sind" or "waren" && tokens[subject.From].Is("ein", "eine")))
            return null;
        // "Ideal sind 9 Bar …": a single word before the verb may be a predicate, and what follows the subject.
        var bare = subject.To - subject.From == 1 && !first.Is("ein", "eine", "einer", "eines", "der", "die", "das") && first.Tag != Tag.Adjective;
        if (bare && (first.Tag == Tag.Number || (be is "ist" or "war") || tokens[subject.From].Lower[^1] is not ('n' or 'e' or 'r' or 's' or 'a' or 'i')))
            return null;
        var person = tokens.Skip(from).Take(8).Any(token => token.Classes.HasFlag(WordClasses.Person)) && (subject.IsPerson || subject.To - subject.From <= 3 && tokens[subject.From].Tag == Tag.Term && subject.To - subject.From > 1);
        person |= subject.IsPerson || (subject.To - subject.From == 1 && tokens[subject.From].Tag == Tag.Term && be is "ist" or "war" && tokens[head].Classes.HasFlag(WordClasses.Person));
        // A lone noun says what somebody is only of "die Hauptstadt …"; "Handschuhe sind Pflicht" defines nothing.
        var proper = first.Tag == Tag.Term && to - from <= 3 && tokens[subject.From].Is("der", "die", "das");
        if (content < 2 && !proper)
            return null;
        var praise = Enumerable.Range(from, head - from).Any(index => tokens[index].Lower.StartsWith("wichtig", StringComparison.Ordinal) || tokens[index].Lower.StartsWith("beliebt", StringComparison.Ordinal) || tokens[index].Is("gute", "guter", "gutes", "ideale", "idealer", "wesentlicher", "wesentliche", "zentraler", "zentrale", "schöne", "schöner"));
        var score = 5.0 - (praise ? 1.1 : 0) + (content >= 4 ? 0.3 : 0) - (subject.IsSpecific ? 0 : 0.9) - (first.Is("einer", "eines") ? 1.2 : 0) - (content < 3 && !proper ? 1.2 : 0) + (be is "war" or "waren" ? -0.3 : 0);
        return Make(sentence, $"{(person ? "Wer" : "Was")} {be} {subject.Phrase}?", from, to, score);
    }

    // "… wird Osmose genannt", "… wird als Osmose bezeichnet".
    private static Candidate? Called(SourceSentence sentence, GermanSubject subject, int verb, int from)
    {
        var tokens = sentence.Tokens;
        var end = sentence.End;
        for (var index = from; index < sentence.End; index++)
        {
            if (tokens[index].Text is "," or ";" or ":")
                return null;
            if (tokens[index].Is("genannt", "bezeichnet"))
            {
                end = index;
                break;
            }
        }
        if (end == sentence.End || end <= from)
            return null;
        var isAs = tokens[end].Is("bezeichnet");
        if (isAs && !tokens[from].Is("als"))
            return null;
        var start = isAs ? from + 1 : from;
        if (start >= end || !tokens[end - 1].IsNominal || end - start > 5 || tokens[start].Tag == Tag.Preposition)
            return null;
        return Make(sentence, $"Wie {tokens[verb].Lower} {subject.Phrase} {tokens[end].Lower}?", start, end, 5.0);
    }

    // "Als X bezeichnet man Y", "Unter X versteht man Y", "Y nennt man X", "X nennt man Y".
    private static Candidate? Termed(SourceSentence sentence, SourceText text, int verb)
    {
        var tokens = sentence.Tokens;
        var token = tokens[verb];
        if (!tokens[verb + 1].Is("man"))
            return null;
        var from = GermanClause.SkipAdverbs(sentence, verb + 2);
        if (from >= sentence.End)
            return null;
        var to = GermanClause.AnswerEnd(sentence, from);
        if (to - from > 30)
            return null;
        if (tokens[0].Is("als", "unter") && token.Is("bezeichnet", "versteht") && verb is >= 2 and <= 8)
            return Make(sentence, $"Was {token.Lower} man {char.ToLowerInvariant(tokens[0].Text[0])}{sentence.Flat(0, verb)[1..]}?", from, to, 5.2);
        if (!token.Is("nennt", "bezeichnet") || ReadObject(sentence, text, verb) is not { } front)
            return null;
        if (token.Is("bezeichnet"))
            return tokens[from].Is("als") && from + 1 < to ? Make(sentence, $"Wie bezeichnet man {front}?", from + 1, to, 5.0) : null;
        var definition = tokens[from].Is("den", "die", "das", "ein", "eine", "einen", "der") && to - from > 3;
        return definition ? Make(sentence, $"Was nennt man {front}?", from, to, 5.0) : to - from <= 5 && tokens[to - 1].IsNominal ? Make(sentence, $"Wie nennt man {front}?", from, to, 5.2) : null;
    }

    private static string? ReadObject(SourceSentence sentence, SourceText text, int verb)
    {
        var first = sentence.Tokens[0];
        if (first.Is("dies", "diese", "dieses", "diesen", "dieser", "solche", "das") && !(first.Is("das") && verb > 1) || first.Tag is Tag.Preposition or Tag.Pronoun or Tag.Adverb or Tag.Possessive)
            return null;
        if (Enumerable.Range(0, verb).Any(index => sentence.Tokens[index].Text == "," || sentence.Tokens[index].IsFinite && char.IsLower(sentence.Tokens[index].Text[0]) && sentence.Tokens[index].Tag == Tag.Auxiliary))
            return null;
        return verb <= 10 ? GermanSubject.InQuestion(sentence, text, 0, verb) : null;
    }

    private static Candidate? Person(SourceSentence sentence, GermanSubject subject, int verb)
    {
        if (!subject.IsPerson || sentence.Tokens[verb].Verb is not { } reading || !Achievements.Contains(reading.Verb))
            return null;
        var to = GermanClause.AnswerEnd(sentence, verb + 1);
        return to - verb < 3 ? null : Make(sentence, $"Wer {sentence.Tokens[verb].Lower} {sentence.Flat(verb + 1, to)}?", subject.From, subject.To, 4.6);
    }

    // "… wurde von Konrad Zuse gebaut".
    private static Candidate? ByWhom(SourceSentence sentence, GermanSubject subject, int verb)
    {
        var tokens = sentence.Tokens;
        if (!tokens[verb].Is("wurde", "wurden"))
            return null;
        var to = GermanClause.AnswerEnd(sentence, verb + 1);
        for (var index = verb + 1; index + 2 < to; index++)
        {
            if (!tokens[index].Is("von") || !ProperNames.IsFirstName(tokens[index + 1].Text))
                continue;
            var end = index + 2;
            while (end < to && (tokens[end].IsNominal && tokens[end].Tag == Tag.Term || tokens[end].Is("von", "van", "der") && end + 1 < to && tokens[end + 1].IsNominal))
                end++;
            var rest = $"{sentence.Flat(verb + 1, index)} {sentence.Flat(end, to)}".Trim();
            return rest.Length == 0 || end - index < 3 ? null : Make(sentence, $"Von wem {tokens[verb].Lower} {subject.Phrase} {rest}?", index + 1, end, 4.7);
        }
        return null;
    }

    private static Candidate? HowMany(SourceSentence sentence, GermanSubject subject, int verb, int next)
    {
        var tokens = sentence.Tokens;
        var of = tokens[verb].Is("besteht", "bestehen") && tokens[next].Is("aus");
        if (!of && !tokens[verb].Is("hat", "haben", "besitzt", "besitzen", "enthält", "enthalten", "umfasst", "umfassen", "hatte"))
            return null;
        var number = of ? next + 1 : next;
        if (number + 1 >= sentence.End || !IsCount(tokens[number]))
            return null;
        var noun = number + 1;
        while (noun < sentence.End && tokens[noun].Tag == Tag.Adjective)
            noun++;
        if (noun >= sentence.End || !tokens[noun].IsNominal || tokens[noun].Is("millionen", "milliarden", "prozent", "meter", "kilometer", "millionen", "mal"))
            return null;
        var things = sentence.Flat(number + 1, noun + 1);
        var to = GermanClause.AnswerEnd(sentence, noun + 1);
        // What follows the noun stays out of the question, unless a participle or particle closes the clause.
        if (to > noun + 1 && (tokens[to - 1].Tag is Tag.Participle or Tag.Verb || tokens[noun + 1].Is("und", "oder", "sowie")))
            return null;
        return Make(sentence, of ? $"Aus wie vielen {things} {tokens[verb].Lower} {subject.Phrase}?" : $"Wie viele {things} {tokens[verb].Lower} {subject.Phrase}?", number, number + 1, of && tokens[number + 1].Tag == Tag.Adjective ? 4.2 : 4.4);
    }

    private static Candidate? Active(SourceSentence sentence, GermanSubject subject, int verb, int next)
    {
        var tokens = sentence.Tokens;
        if (tokens[verb].Verb is not { } reading || !subject.IsSpecific)
            return null;
        var to = GermanClause.AnswerEnd(sentence, next);
        if (to - next is < 1 or > 22)
            return null;
        if (WithPreposition.TryGetValue(reading.Verb, out var questions))
        {
            foreach (var (preposition, question) in questions)
            {
                if (tokens[next].Is(preposition) && to - next >= 2 && !IsParticle(tokens[to - 1]) && !(reading.Verb == "bestehen" && to - next == 3 && IsCount(tokens[next + 1])))
                    return question == "Woher" && preposition == "von" && ProperNames.IsFirstName(tokens[next + 1].Text)
                        ? Make(sentence, $"Von wem {tokens[verb].Lower} {subject.Phrase}?", next + 1, to, 4.4)
                        : Make(sentence, $"{question} {tokens[verb].Lower} {subject.Phrase}?", next, to, reading.Verb is "bestehen" ? 4.7 : 4.2);
            }
        }
        if (!AskableVerbs.Contains(reading.Verb) || tokens[verb + 1].Is("sich") || IsParticle(tokens[to - 1]) || tokens[to - 1].Tag is Tag.Participle or Tag.Verb && !HasComma(sentence, next, to))
            return null;
        if (!(tokens[next].IsNominal || tokens[next].Tag is Tag.Adjective or Tag.Number || tokens[next].Is("ein", "eine", "einen", "den", "die", "das", "wie", "alle", "sowohl", "der", "mehrere", "zwei", "drei")))
            return null;
        // A feminine or plural subject looks like an object; only a clear nominative is asked about.
        if (tokens[next].Is("der"))
            return null;
        var content = Enumerable.Range(next, to - next).Count(index => tokens[index].IsContent);
        return content == 0 || (to - next == 1 && tokens[next].Tag == Tag.Noun) ? null : Make(sentence, $"Was {tokens[verb].Lower} {subject.Phrase}?", next, to, (reading.Verb is "bezeichnen" or "bedeuten" or "beschreiben" or "messen" ? 4.6 : 3.7) - (content > 8 ? 0.5 : 0));
    }

    // "… werden durch die Anziehungskraft des Mondes verursacht".
    private static Candidate? ByWhat(SourceSentence sentence, GermanSubject subject, int verb, int next)
    {
        var tokens = sentence.Tokens;
        var to = GermanClause.AnswerEnd(sentence, next);
        if (!tokens[verb].Is("wird", "werden", "wurde", "wurden") || !tokens[next].Is("durch") || to - next < 3 || tokens[to - 1].Tag != Tag.Participle || HasComma(sentence, next, to))
            return null;
        var end = to - 1;
        while (end > next + 1 && !tokens[end - 1].IsNominal)
            end--;
        return end - next is < 2 or > 8 || tokens.Skip(next + 1).Take(end - next - 1).Any(token => token.Tag is Tag.Preposition)
            ? null
            : Make(sentence, $"Wodurch {tokens[verb].Lower} {subject.Phrase} {sentence.Flat(end, to)}?", next + 1, end, 4.5);
    }

    private static bool HasComma(SourceSentence sentence, int from, int to)
    {
        for (var index = from; index < to; index++)
        {
            if (sentence.Tokens[index].Text == ",")
                return true;
        }
        return false;
    }

    private static bool IsParticle(TaggedToken token) => token.Is("ab", "an", "auf", "aus", "bei", "dar", "ein", "fest", "her", "hin", "mit", "nach", "statt", "teil", "um", "vor", "weg", "zu", "zurück", "zusammen", "frei", "bereit", "über", "unter", "werden", "können", "müssen", "sollen", "haben", "sein");

    private static bool IsCount(TaggedToken token) =>
        token.Tag == Tag.Number && (token.Text.All(letter => char.IsDigit(letter) || letter is '.' or ',')
            || token.Is("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "dreizehn", "vierzehn", "sechzehn", "zwanzig", "dreißig", "hundert"));

    private static bool StartsWithNoun(SourceSentence sentence, int from)
    {
        var index = from;
        while (index < sentence.End && sentence.Tokens[index].Tag is Tag.Adjective or Tag.Number)
            index++;
        return index < sentence.End && sentence.Tokens[index].IsNominal;
    }

    internal static Candidate? Make(SourceSentence sentence, string front, int from, int to, double score) =>
        to <= from ? null : new Candidate(front.Replace(" ,", ",", StringComparison.Ordinal), sentence.Raw(from, to), sentence, score, IsCloze: false);
}
