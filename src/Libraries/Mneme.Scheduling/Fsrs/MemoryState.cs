namespace Mneme.Scheduling.Fsrs;

/// <summary>What FSRS believes of the memory of one card.</summary>
/// <param name="Stability">Days after which it is remembered with a probability of 0.9, from <see cref="FsrsModel.MinStability"/> to <see cref="FsrsModel.MaxStability"/>.</param>
/// <param name="Difficulty">How little a review helps, from <see cref="FsrsModel.MinDifficulty"/> to <see cref="FsrsModel.MaxDifficulty"/>.</param>
public readonly record struct MemoryState(double Stability, double Difficulty);
