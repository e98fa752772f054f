namespace Mneme.Bench.Events;

/// <summary>A way from a committed event to its committed effect.</summary>
internal interface IPipeline
{
    long Produced { get; }

    long Handled { get; }

    /// <summary>One transaction with an event for each of <paramref name="rows"/>.</summary>
    Task ProduceAsync(IReadOnlyList<int> rows, CancellationToken ct);

    /// <summary>Moves and handles events until it is cancelled, and then returns.</summary>
    Task WorkAsync(CancellationToken ct);
}
