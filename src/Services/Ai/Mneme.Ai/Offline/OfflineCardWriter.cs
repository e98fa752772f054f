using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>
/// Writes flashcards without a model: the same text always gives the same cards. It understands English and German. It asks for
/// what statements define, name, date or count, and blanks out terms, names and numbers. A sentence gives at most one card, and
/// one that cannot be understood alone gives none while there are better ones.
/// </summary>
internal static class OfflineCardWriter
{
    /// <summary>What stands for the missing words on a front.</summary>
    internal const string Blank = "_____";

    /// <summary>The fewest and the most cards that can be asked for, and how many are written unless asked otherwise.</summary>
    internal const int FewestCards = 3;
    internal const int MostCards = 20;
    internal const int DefaultCards = 5;

    // The caller's language gives way to what is plainly another one.
    private const double SureOfLanguage = 0.75;
    private const double GoodScore = 2.6;
    private const double StopgapScore = 1.0;
    private const double IncompletePenalty = 2.6;
    private const double CoverageBonus = 0.8;

    /// <summary>Writes a deck.</summary>
    /// <param name="text">Plain text of any length.</param>
    /// <param name="language">"de" or "en" when the caller knows it; null to have it detected.</param>
    /// <param name="maxCards">The most cards wanted, 3…20 (other values are moved into that range).</param>
    internal static OfflineDeck Write(string text, string? language = null, int maxCards = DefaultCards)
    {
        var detected = LanguageDetector.Detect(text);
        var code = language is null || detected.Confidence >= SureOfLanguage ? detected.Code : language;
        if (Lexicon.For(code) is not { } lexicon)
            return new OfflineDeck("", code, []);
        var source = new SourceText(text, lexicon);
        var best = source.Sentences.Select(sentence => BestOf(sentence, source)).ToList();
        var chosen = Choose(best, Math.Clamp(maxCards, FewestCards, MostCards), source.Sentences.Count);
        var cards = chosen.OrderBy(candidate => candidate.Sentence.Index).Select(candidate => new OfflineCard(candidate.Front, candidate.Back, candidate.Sentence.Text)).ToList();
        return new OfflineDeck(TopicTitle.Of(source), code, cards);
    }

    // All candidates of a sentence that keep the rules, best first.
    private static List<Candidate> BestOf(SourceSentence sentence, SourceText text)
    {
        var verdict = Standalone.Judge(sentence, text);
        if (!verdict.Usable)
            return [];
        var basis = -verdict.Penalty - (verdict.Complete ? 0 : IncompletePenalty);
        var questions = verdict.Complete ? text.IsGerman ? GermanQuestions.Of(sentence, text) : EnglishQuestions.Of(sentence, text) : [];
        return questions.Select(question => question with { Score = question.Score - verdict.Penalty })
            .Concat(ClozeWriter.Of(sentence, text, basis))
            .Where(candidate => Keeps(candidate, text.Lexicon))
            .OrderByDescending(candidate => candidate.Score)
            .Select(candidate => candidate with { AnswerKey = Key(candidate.Back, text.Lexicon) })
            .ToList();
    }

    private static bool Keeps(Candidate candidate, Lexicon lexicon)
    {
        if (candidate.Back.AsSpan().IndexOfAny('\n', '\r') >= 0 && candidate.IsCloze)
            return false;
        if (!FrontCheck.IsAnswer(candidate.Back, lexicon) || FrontCheck.ShowsAnswer(candidate.Front, candidate.Back, lexicon.Language))
            return false;
        return candidate.IsCloze || FrontCheck.Overlap(candidate.Front, candidate.Back, lexicon) <= 0.34;
    }

    // Greedy by score; a part of a long text that has no card yet is preferred.
    private static List<Candidate> Choose(List<List<Candidate>> bySentence, int maxCards, int sentences)
    {
        var chosen = new List<Candidate>();
        var fronts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var backs = new HashSet<string>();
        var covered = new HashSet<int>();
        var open = bySentence.Where(candidates => candidates.Count > 0).ToList();
        var parts = Math.Min(maxCards, Math.Max(1, sentences / 3));
        while (chosen.Count < maxCards)
        {
            var next = Best(GoodScore) ?? (chosen.Count < FewestCards ? Best(StopgapScore) : null);
            if (next is null)
                break;
            chosen.Add(next);
            fronts.Add(next.Front);
            backs.Add(next.AnswerKey);
            covered.Add(Part(next));
            open.RemoveAll(candidates => ReferenceEquals(candidates[0].Sentence, next.Sentence));
        }
        return chosen;

        Candidate? Best(double floor) => open
            .Select(candidates => candidates.Find(candidate => !fronts.Contains(candidate.Front) && !backs.Contains(candidate.AnswerKey)))
            .OfType<Candidate>().Where(candidate => candidate.Score >= floor)
            .MaxBy(candidate => candidate.Score + (covered.Contains(Part(candidate)) ? 0 : CoverageBonus));

        int Part(Candidate candidate) => candidate.Sentence.Index * parts / Math.Max(1, sentences);
    }

    private static string Key(string back, Lexicon lexicon) =>
        string.Join(' ', Tokenizer.Tokenize(back).Where(token => token.Kind != TokenKind.Punctuation && !lexicon.IsStopWord(token.Text)).Select(token => Stemmer.Stem(token.Text, lexicon.Language)));
}
