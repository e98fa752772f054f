namespace Mneme.Scheduling.Fsrs;

/// <summary>What FSRS has to remember of one card between reviews.</summary>
/// <param name="Memory">The state of memory; of no meaning for a new card.</param>
/// <param name="State">Where the card is in its life.</param>
/// <param name="Step">The learning or relearning step it is in, from 0; 0 in other states.</param>
/// <param name="Set">The weights that the memory was computed with.</param>
public readonly record struct FsrsCard(MemoryState Memory, CardState State, int Step, ParameterSet Set)
{
    /// <summary>A card never reviewed.</summary>
    public static FsrsCard New => default;
}
