using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>A text with its sentences tagged and its terms counted.</summary>
internal sealed class SourceText
{
    // A longer stretch without an end is no sentence anybody would learn from.
    private const int LongestSentence = 420;
    private const int Nearby = 4;
    private const int MostWordsForCompounds = 2_000;

    private readonly Dictionary<string, int> _counts = [];
    private readonly Dictionary<string, int> _compounds = [];
    private readonly Dictionary<string, int> _introducedBy = [];
    private readonly HashSet<string> _lowerCaseWords = [];
    private readonly HashSet<string> _innerCapitals = [];

    internal SourceText(string text, Lexicon lexicon)
    {
        Lexicon = lexicon;
        Text = text;
        var sentences = new List<SourceSentence>();
        foreach (var span in SentenceSplitter.Split(text, lexicon.Language))
        {
            if (span.Length > LongestSentence)
                continue;
            var sentence = new SourceSentence(sentences.Count, span, span.In(text), lexicon);
            sentences.Add(sentence);
            Count(sentence);
        }
        Sentences = sentences;
        HasSpeech = sentences.Exists(sentence => sentence.Text[0] is '"' or '„' or '“' or '”' or '»' or '«' or '‘');
        Protagonist = IsGerman ? null : Antecedent.ProtagonistOf(this);
        // In order: what a pronoun means may be told by one before it.
        for (var index = 1; index < sentences.Count; index++)
            sentences[index].Antecedent = Antecedent.Of(sentences[index], sentences[index - 1], this);
    }

    internal string Text { get; }

    internal Lexicon Lexicon { get; }

    internal bool IsGerman => Lexicon.Language == "de";

    internal IReadOnlyList<SourceSentence> Sentences { get; }

    /// <summary>True when somebody speaks in it: what people there do is a story.</summary>
    internal bool HasSpeech { get; }

    /// <summary>The person whom an English text is about, if it can be told.</summary>
    internal EnglishSubject? Protagonist { get; }

    /// <summary>How often the stem of a content word occurs.</summary>
    internal int CountOf(string stem) => _counts.GetValueOrDefault(stem);

    /// <summary>True for a noun that the text keeps coming back to: however common the word is, the text is about it.</summary>
    internal bool IsSubjectMatter(TaggedToken noun) => noun.Tag == Tag.Noun && !noun.Classes.HasFlag(WordClasses.Anaphoric) && CountOf(noun.Stem) + CompoundsOf(noun.Stem) >= 3;

    /// <summary>In how many longer words the stem occurs ("Orgel" in "Kirchenorgel").</summary>
    internal int CompoundsOf(string stem)
    {
        if (stem.Length < 4 || _counts.Count > MostWordsForCompounds)
            return 0;
        if (!_compounds.TryGetValue(stem, out var count))
            _compounds[stem] = count = _counts.Keys.Count(word => word.Length > stem.Length && word.Contains(stem, StringComparison.Ordinal));
        return count;
    }

    /// <summary>True when an earlier sentence brought the noun in with "a" or "ein": a later "the …" points back to that one.</summary>
    internal bool WasIntroducedBefore(TaggedToken noun, int sentence) =>
        (_introducedBy.TryGetValue(noun.Stem, out var first) && first < sentence) || WasNamedShortlyBefore(noun, sentence);

    // "the Harlow Bridge … The bridge", "ein Steinkohlekraftwerk … Das Kraftwerk".
    private bool WasNamedShortlyBefore(TaggedToken noun, int sentence)
    {
        for (var index = Math.Max(0, sentence - Nearby); index < sentence; index++)
        {
            foreach (var token in Sentences[index].Tokens)
            {
                if (IsGerman ? token.IsNominal && token.Text.Length > noun.Text.Length + 2 && noun.Text.Length > 3 && token.Lower.EndsWith(noun.Lower, StringComparison.Ordinal)
                        : token.Tag == Tag.Name && token.Lower == noun.Lower && char.IsLower(noun.Text[0]))
                    return true;
            }
        }
        return false;
    }

    /// <summary>True for an English word that starts sentences in capitals only because it starts them.</summary>
    internal bool OccursInLowerCase(string word) => _lowerCaseWords.Contains(word.ToLowerInvariant());

    /// <summary>True for a word that is written with a capital inside sentences.</summary>
    internal bool IsCapitalInside(string word) => _innerCapitals.Contains(word);

    private void Count(SourceSentence sentence)
    {
        var tokens = sentence.Tokens;
        for (var index = 0; index < tokens.Count; index++)
        {
            var token = tokens[index];
            if (token.Token.Kind != TokenKind.Word)
                continue;
            if (char.IsLower(token.Text[0]))
                _lowerCaseWords.Add(token.Text);
            else if (index > 0 && tokens[index - 1].Token.Kind == TokenKind.Word && sentence.Span.Kind != SentenceKind.Fragment)
                _innerCapitals.Add(token.Text);
            if (!token.IsContent)
                continue;
            _counts[token.Stem] = _counts.GetValueOrDefault(token.Stem) + 1;
            if (token.IsNominal && index > 0 && IndefiniteBefore(tokens, index))
                _introducedBy.TryAdd(token.Stem, sentence.Index);
        }
    }

    private static bool IndefiniteBefore(IReadOnlyList<TaggedToken> tokens, int index)
    {
        var position = index - 1;
        while (position > 0 && (tokens[position].Tag is Tag.Adjective or Tag.Adverb || tokens[position].IsNominal) && index - position < 4)
            position--;
        return tokens[position].Is("a", "an", "ein", "eine", "einen", "einem", "einer", "eines");
    }
}
