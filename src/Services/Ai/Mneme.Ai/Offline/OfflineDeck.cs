namespace Mneme.Ai.Offline;

/// <summary>What the offline writer made of a text.</summary>
/// <param name="Title">A short topic title in the text's language; empty only when the text has no words.</param>
/// <param name="Language">ISO 639-1 code of the text's language, "und" when it could not be told.</param>
/// <param name="Cards">The cards in the order of their sentences; empty when the text has no material or its language is not supported.</param>
internal sealed record OfflineDeck(string Title, string Language, IReadOnlyList<OfflineCard> Cards);

/// <summary>A flashcard made from one sentence.</summary>
/// <param name="Front">A question, or the sentence with one blank (<see cref="OfflineCardWriter.Blank"/>).</param>
/// <param name="Back">The answer, verbatim from the sentence.</param>
/// <param name="Source">The whole sentence, verbatim from the text.</param>
internal sealed record OfflineCard(string Front, string Back, string Source);
