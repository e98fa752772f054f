using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>Turns English statements into questions whose answer stands verbatim in them.</summary>
internal static class EnglishQuestions
{
    private static readonly HashSet<string> AskableVerbs =
    [
        "describe", "denote", "mean", "comprise", "contain", "represent", "cause", "measure", "study", "regulate", "convert", "produce", "control", "protect", "connect", "separate", "store", "transport",
        "release", "absorb", "require", "prevent", "form", "determine", "filter", "pump", "digest", "secrete", "detect", "transform", "remove", "supply", "symbolize", "symbolise", "reflect", "emit", "encode", "govern", "guarantee", "prohibit", "bind", "surround", "link", "constitute", "translate", "specify",
    ];

    private static readonly Dictionary<string, string[]> VerbsWithPreposition = new()
    {
        ["refer"] = ["to"],
        ["consist"] = ["of"],
        ["stand"] = ["for"],
        ["belong"] = ["to"],
        ["depend"] = ["on"],
        ["lead"] = ["to"],
        ["result"] = ["in", "from"],
        ["arise"] = ["from"],
        ["act"] = ["as"],
        ["serve"] = ["as"],
        ["derive"] = ["from"],
        ["range"] = ["from"],
        ["deal"] = ["with"],
        ["rely"] = ["on"],
        ["feed"] = ["on"],
        ["originate"] = ["in", "from"],
        ["turn"] = ["into"],
        ["develop"] = ["from", "into"],
    };

    private static readonly HashSet<string> Achievements =
    [
        "discover", "invent", "write", "found", "develop", "publish", "introduce", "propose", "compose", "paint", "design", "build", "create", "formulate", "establish", "win", "lead", "coin", "prove", "describe", "patent",
        "demonstrate", "conquer", "sign", "direct", "launch", "pioneer", "isolate", "observe", "translate", "explore", "sculpt", "start", "devise", "construct",
    ];

    private static readonly HashSet<string> VaguePredicates =
    [
        "bit", "lot", "reason", "question", "matter", "mistake", "problem", "idea", "fact", "good", "great", "pleasure", "shame", "result", "same", "best", "worst", "way", "thing", "must", "success", "surprise", "choice", "exception", "example",
        "start", "sign", "help", "pity", "joy", "disaster", "favorite", "favourite", "different", "few", "little", "beauty", "nightmare",
    ];

    internal static IEnumerable<Candidate> Of(SourceSentence sentence, SourceText text)
    {
        var from = LeadEnd(sentence);
        foreach (var dated in EnglishDates.Of(sentence, text))
            yield return dated;
        var verb = EnglishClause.MainVerb(sentence, from);
        if (verb <= from)
            yield break;
        if (EnglishSubject.Read(sentence, text, from, verb) is not { } subject)
            yield break;
        var lead = from > 0 ? LowerLead(sentence, text, from) : "";
        foreach (var candidate in About(sentence, text, subject, verb, lead))
            yield return candidate;
    }

    private static IEnumerable<Candidate> About(SourceSentence sentence, SourceText text, EnglishSubject subject, int verb, string lead)
    {
        var token = sentence.Tokens[verb];
        var next = EnglishClause.SkipAdverbs(sentence, verb + 1);
        if (next >= sentence.End || EnglishClause.IsNegation(sentence.Tokens[next]))
            yield break;
        if (Person(sentence, subject, verb) is { } person)
            yield return person;
        if (HowMany(sentence, subject, verb, next) is { } count)
            yield return count;
        if (token.Is("is", "are", "was", "were"))
        {
            var candidate = sentence.Tokens[next].Tag is Tag.Participle or Tag.Verb || sentence.Tokens[next].Verb?.Forms.HasFlag(VerbForms.Participle) == true
                || sentence.Tokens[next].Is("located", "situated", "composed", "made")
                ? Passive(sentence, subject, token.Lower, next, lead)
                : Copula(sentence, text, subject, token.Lower, next, lead);
            if (candidate is not null)
                yield return candidate;
        }
        else if (token.Tag == Tag.Verb && Active(sentence, subject, verb, lead) is { } active)
            yield return active;
    }

    private static Candidate? Copula(SourceSentence sentence, SourceText text, EnglishSubject subject, string be, int from, string lead)
    {
        var tokens = sentence.Tokens;
        var first = tokens[from];
        var to = EnglishClause.AnswerEnd(sentence, from);
        var nominal = first.Is("a", "an", "the", "one", "any") || (be is "are" or "were" && StartsWithNoun(sentence, from, to)) || (subject.Phrase.StartsWith("the ", StringComparison.Ordinal) && first.IsNominal);
        if (!nominal || from >= to)
            return null;
        var head = PredicateHead(sentence, from, to);
        if (head < 0 || (VaguePredicates.Contains(tokens[head].Lower) && to - head < 4) || first.Is("the") && VaguePredicates.Contains(tokens[from + 1].Lower))
            return null;
        var content = Enumerable.Range(from, to - from).Count(index => tokens[index].IsContent);
        var proper = tokens[from].Tag == Tag.Name || (first.Is("the") && tokens[from + 1].Tag == Tag.Name);
        if (content < 2 && !proper)
            return null;
        var person = tokens.Skip(from).Take(8).Any(token => token.Classes.HasFlag(WordClasses.Person)) && (subject.Head.Tag == Tag.Name || subject.IsPerson);
        person |= subject.IsPerson || (subject.To - subject.From == 1 && !subject.IsPlural && subject.Head.Tag == Tag.Term && tokens[head].Classes.HasFlag(WordClasses.Person));
        var praise = Enumerable.Range(from, Math.Max(0, head - from)).Any(index => tokens[index].Is("important", "popular", "good", "great", "useful", "common", "essential", "key", "major", "powerful", "excellent", "beautiful", "valuable", "simple"));
        var score = 5.0 - (praise ? 1.1 : 0) + (content >= 4 ? 0.3 : 0) - (subject.IsSpecific ? 0 : 0.9) - (first.Is("one") ? 1.2 : 0) - (content < 3 && !proper ? 1.2 : 0) + (be is "was" or "were" ? -0.3 : 0);
        return Make(sentence, $"{lead}{(person ? "who" : "what")} {be} {subject.Phrase}?", from, to, score);
    }

    private static Candidate? Passive(SourceSentence sentence, EnglishSubject subject, string be, int verb, string lead)
    {
        var tokens = sentence.Tokens;
        var participle = tokens[verb];
        if (verb + 1 >= sentence.End)
            return null;
        var next = tokens[verb + 1];
        var after = verb + 2;
        var specific = subject.IsSpecific ? 0 : -0.8;
        switch (participle.Lower)
        {
            case "called" or "termed" or "named" when !next.Is("after", "for", "by", "on", "in", "upon", "into"):
                return Make(sentence, $"{lead}what {be} {subject.Phrase} {participle.Lower}{Condition(sentence, NameEnd(sentence, verb + 1))}?", verb + 1, NameEnd(sentence, verb + 1), 5.2);
            case "known" when next.Is("as") && after < sentence.End:
                return Make(sentence, $"{lead}what {be} {subject.Phrase} known as?", after, NameEnd(sentence, after), 4.9);
            case "named" when next.Is("after"):
                return Make(sentence, $"{lead}what {be} {subject.Phrase} named after?", after, EnglishClause.AnswerEnd(sentence, after), 4.4 + specific);
            case "defined" when next.Is("as"):
                return Make(sentence, $"{lead}how {be} {subject.Phrase} defined?", after, EnglishClause.AnswerEnd(sentence, after), 5.0);
            case "used" when next.Is("to", "for", "in"):
                return next.Is("in") ? null : Make(sentence, $"{lead}what {be} {subject.Phrase} used for?", next.Is("for") ? after : verb + 1, EnglishClause.AnswerEnd(sentence, after), 4.2 + specific);
            case "caused" when next.Is("by"):
                return Make(sentence, $"{lead}what causes {subject.Phrase}?", after, EnglishClause.AnswerEnd(sentence, after), 4.8 + specific);
            case "made" when next.Is("of", "from", "up"):
                after = next.Is("up") && after < sentence.End && tokens[after].Is("of") ? after + 1 : next.Is("up") ? sentence.End : after;
                return after >= sentence.End ? null : Make(sentence, $"{lead}what {be} {subject.Phrase} made {sentence.Flat(verb + 1, after)}?", after, EnglishClause.AnswerEnd(sentence, after), 4.5 + specific);
            case "composed" or "comprised" when next.Is("of"):
                return Make(sentence, $"{lead}what {be} {subject.Phrase} composed of?", after, EnglishClause.AnswerEnd(sentence, after), 4.5 + specific);
            case "measured" or "expressed" when next.Is("in"):
                return Make(sentence, $"{lead}in what {be} {subject.Phrase} {participle.Lower}?", after, EnglishClause.AnswerEnd(sentence, after), 4.2 + specific);
            case "located" or "situated" or "stored" or "found" or "buried" when next.Is("in", "on", "at", "between", "near", "behind", "beneath", "below", "above", "inside", "along", "under") && !EnglishClause.IsYear(sentence, after):
                return Make(sentence, $"{lead}where {be} {subject.Phrase} {participle.Lower}?", verb + 1, EnglishClause.AnswerEnd(sentence, after), 4.1 + specific);
        }
        return next.Is("by") ? ByWhom(sentence, subject, be, verb, lead) : null;
    }

    // "was invented by Ada Lovelace in 1843" asks "Who invented …?"
    private static Candidate? ByWhom(SourceSentence sentence, EnglishSubject subject, string be, int verb, string lead)
    {
        var tokens = sentence.Tokens;
        var end = verb + 2;
        while (end < sentence.End && (tokens[end].Tag == Tag.Name || tokens[end].Is("von", "van", "de") || (tokens[end].Text == "." && tokens[end - 1].Text.Length == 1)))
            end++;
        if (end - verb > 2 && tokens[verb].Verb is { } reading && Achievements.Contains(reading.Verb) && be is "was" or "were" && end - verb - 2 >= 2)
            return Make(sentence, $"{lead}who {tokens[verb].Verb!.Past} {subject.Phrase}?", verb + 2, end, 4.8);
        var to = EnglishClause.AnswerEnd(sentence, verb + 2);
        var content = Enumerable.Range(verb + 2, Math.Max(0, to - verb - 2)).Count(index => tokens[index].IsContent);
        for (var index = verb + 2; index < to; index++)
        {
            if (tokens[index].Is("on", "in", "at", "during", "after", "before"))
                to = index;
        }
        // "made by steaming the leaves": how, not by whom.
        if (tokens[verb + 2].Tag == Tag.Gerund || tokens[verb + 2].Verb?.Forms.HasFlag(VerbForms.Gerund) == true || tokens[verb + 2].Lower.EndsWith("ing", StringComparison.Ordinal))
            return null;
        return subject.IsSpecific && subject.Head.Tag != Tag.Name && !tokens[subject.From].Is("i") && content is >= 1 and <= 7 && lead.Length == 0
            ? Make(sentence, $"{lead}what {be} {subject.Phrase} {tokens[verb].Lower} by?", verb + 2, to, 3.4)
            : null;
    }

    private static Candidate? Active(SourceSentence sentence, EnglishSubject subject, int verb, string lead)
    {
        var tokens = sentence.Tokens;
        if (tokens[verb].Verb is not { } reading || !subject.IsSpecific || verb + 1 >= sentence.End)
            return null;
        var past = tokens[verb].Lower == reading.Past && !reading.Forms.HasFlag(VerbForms.Base);
        var plural = !past && reading.Forms.HasFlag(VerbForms.Base);
        var aid = past ? "did" : plural ? "do" : "does";
        var from = verb + 1;
        var preposition = "";
        if (VerbsWithPreposition.TryGetValue(reading.Verb, out var prepositions) && tokens[from].Is(prepositions))
        {
            preposition = " " + tokens[from].Lower;
            from++;
        }
        else if (!AskableVerbs.Contains(reading.Verb) || !StartsNounPhrase(tokens[from]) || tokens[from].Is("people", "children", "women", "men", "patients", "those"))
            return null;
        var to = EnglishClause.AnswerEnd(sentence, from);
        if (to - from is < 1 or > 16)
            return null;
        // "converts vitamin D into calcidiol" asks what it becomes.
        var into = Enumerable.Range(from, to - from).FirstOrDefault(index => tokens[index].Is("into"), -1);
        if (into > from && into + 1 < to && reading.Verb is "convert" or "transform" or "translate" or "turn" && !past && preposition.Length == 0)
            return Make(sentence, $"{lead}what {aid} {subject.Phrase} {reading.Verb} {sentence.Flat(from, into)} into?", into + 1, to, 4.4);
        var content = Enumerable.Range(from, to - from).Count(index => tokens[index].IsContent);
        if (content == 0 || (content == 1 && to - from == 1 && tokens[from].Tag == Tag.Noun) || past && preposition.Length == 0)
            return null;
        var score = reading.Verb is "refer" or "stand" or "denote" or "mean" or "consist" or "measure" or "study" or "describe" or "convert" ? 4.7 : 4.0;
        if (reading.Verb is "include" or "require" or "contain" or "produce" or "carry" or "cover" or "form" or "represent")
            score -= 0.4;
        return Make(sentence, $"{lead}what {aid} {subject.Phrase} {reading.Verb}{preposition}?", from, to, score - (content > 8 ? 0.5 : 0));
    }

    // "Gregor Mendel discovered …" asks "Who discovered …?"
    private static Candidate? Person(SourceSentence sentence, EnglishSubject subject, int verb)
    {
        var tokens = sentence.Tokens;
        if (subject.From != 0 && !subject.IsPerson || !subject.IsPerson || tokens[verb].Verb is not { } reading || !Achievements.Contains(reading.Verb) || tokens[verb].Lower != reading.Past)
            return null;
        var to = EnglishClause.AnswerEnd(sentence, verb + 1);
        for (var index = verb + 1; index < to; index++)
        {
            if (tokens[index].Is("when", "while", "because", "after", "before", "until"))
                to = index;
        }
        if (to - verb < 2)
            return null;
        var rest = sentence.Flat(verb + 1, to);
        return Make(sentence, $"who {reading.Past} {rest}?", subject.From, subject.To, 4.6);
    }

    private static Candidate? HowMany(SourceSentence sentence, EnglishSubject subject, int verb, int from)
    {
        var tokens = sentence.Tokens;
        if (!tokens[verb].Is("has", "have", "contains", "contain", "had") && !(tokens[verb].Is("consists", "consist") && tokens[from].Is("of")))
            return null;
        var of = tokens[verb].Is("consists", "consist");
        var number = of ? from + 1 : from;
        if (number + 1 >= sentence.End || !IsCount(tokens[number]))
            return null;
        var noun = number + 1;
        while (noun < sentence.End && tokens[noun].Tag is Tag.Adjective or Tag.Gerund)
            noun++;
        while (noun + 1 < sentence.End && tokens[noun].IsNominal && tokens[noun + 1].IsNominal)
            noun++;
        if (noun >= sentence.End || !tokens[noun].IsNominal || !EnglishSubject.LooksPlural(tokens[noun].Lower) || tokens[noun].Is("millions", "thousands", "times") || (noun + 1 < sentence.End && tokens[noun + 1].Is("and", "or", ",") && sentence.End - noun > 2 && tokens[noun + 2].IsNominal))
            return null;
        var (aid, main) = tokens[verb].Lower switch
        {
            "has" => ("does", "have"),
            "contains" => ("does", "contain"),
            "consists" => ("does", "consist of"),
            "had" => ("did", "have"),
            var present => ("do", of ? "consist of" : present),
        };
        var things = sentence.Flat(number + 1, noun + 1);
        return Make(sentence, $"how many {things} {aid} {subject.Phrase} {main}?", number, number + 1, 4.4, number: true);
    }

    private static bool IsCount(TaggedToken token) =>
        token.Tag == Tag.Number && (token.Text.All(letter => char.IsDigit(letter) || letter is ',' or '.')
            || token.Is("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "twenty", "thirty", "forty", "fifty", "sixty", "hundred"));

    private static bool StartsNounPhrase(TaggedToken token) =>
        token.IsNominal || token.Tag is Tag.Adjective or Tag.Gerund or Tag.Number || token.Is("a", "an", "the", "both", "several", "all", "many", "two", "three", "four", "five", "most", "about", "how");

    private static bool StartsWithNoun(SourceSentence sentence, int from, int to)
    {
        var index = from;
        while (index < to && sentence.Tokens[index].Tag is Tag.Adjective or Tag.Gerund or Tag.Adverb or Tag.Number)
            index++;
        return index < to && sentence.Tokens[index].IsNominal;
    }

    private static int PredicateHead(SourceSentence sentence, int from, int to)
    {
        var head = -1;
        for (var index = from; index < to; index++)
        {
            var token = sentence.Tokens[index];
            if (token.IsNominal)
                head = index;
            else if (head >= 0)
                return head;
            else if (!(token.Tag is Tag.Determiner or Tag.Adjective or Tag.Adverb or Tag.Gerund or Tag.Number or Tag.Participle || token.Is("one", "of", "and", ",", "-")))
                return -1;
        }
        return head;
    }

    // A name ends where the sentence goes on to something else.
    private static int NameEnd(SourceSentence sentence, int from)
    {
        var to = EnglishClause.AnswerEnd(sentence, from);
        for (var index = from; index < to; index++)
        {
            var token = sentence.Tokens[index];
            if (token.Text == "," || token.Is("because", "and", "when", "after", "since", "by", "if", "where", "while", "once", "as", "in", "on", "with", "for", "from"))
                return index;
        }
        return to;
    }

    // "… is called lava once it has left the volcano": when and where it is called so belongs into the question.
    private static string Condition(SourceSentence sentence, int from) =>
        from < sentence.End && sentence.Tokens[from].Is("once", "when", "if", "in", "after", "on") && EnglishClause.AnswerEnd(sentence, from) is var to && to - from is > 1 and < 9 ? " " + sentence.Flat(from, to) : "";

    // "In biology, photosynthesis is …": a short phrase before the subject may stay before the question.
    internal static int LeadEnd(SourceSentence sentence)
    {
        var tokens = sentence.Tokens;
        if (tokens.Count < 6 || !tokens[0].Is("in") || EnglishClause.IsYear(sentence, 1))
            return 0;
        for (var index = 2; index <= 5; index++)
        {
            if (tokens[index].Text == ",")
                return index + 1;
            if (!(tokens[index].IsNominal || tokens[index].Tag is Tag.Adjective or Tag.Gerund))
                return 0;
        }
        return 0;
    }

    private static string LowerLead(SourceSentence sentence, SourceText text, int from) => EnglishSubject.InQuestion(sentence, text, 0, from) + " ";

    internal static Candidate? Make(SourceSentence sentence, string front, int from, int to, double score, bool number = false)
    {
        if (to <= from)
            return null;
        var back = sentence.Raw(from, to);
        if (back.Length < 2 && !number)
            return null;
        return new Candidate(char.ToUpperInvariant(front[0]) + front[1..], back, sentence, score, IsCloze: false);
    }
}
