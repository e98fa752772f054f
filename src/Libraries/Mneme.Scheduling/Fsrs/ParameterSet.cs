namespace Mneme.Scheduling.Fsrs;

/// <summary>Names the weights that a state of memory was computed with, so that a change of weights or of the model is seen and the state computed anew from the log.</summary>
/// <param name="Algorithm">Version of the model: <see cref="Fsrs6"/>.</param>
/// <param name="Revision">0 for the published defaults, then the number of the learner's own fit.</param>
public readonly record struct ParameterSet(int Algorithm, int Revision)
{
    /// <summary>FSRS-6.</summary>
    public const int Fsrs6 = 6;

    /// <summary>The defaults of FSRS-6.</summary>
    public static ParameterSet Default { get; } = new(Fsrs6, 0);
}
