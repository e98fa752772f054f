namespace Mneme.Ai.Offline;

/// <summary>A card that could be made of a sentence.</summary>
/// <param name="Front">Question, or sentence with a blank.</param>
/// <param name="Back">The answer, verbatim from the sentence.</param>
/// <param name="Sentence">The sentence it comes from.</param>
/// <param name="Score">How good a card it is: about 5 for a clean definition, below 2 for a stopgap.</param>
/// <param name="IsCloze">True for a sentence with a blank.</param>
internal sealed record Candidate(string Front, string Back, SourceSentence Sentence, double Score, bool IsCloze)
{
    /// <summary>What the answer comes down to; two cards with the same are one too many.</summary>
    internal string AnswerKey { get; init; } = "";
}
