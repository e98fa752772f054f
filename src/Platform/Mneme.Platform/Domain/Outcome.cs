namespace Mneme.Platform.Domain;

/// <summary>
/// The result of a use case: a value, or one of a small closed set of expected failures. Broken infrastructure and bugs are exceptions instead.
/// <c>OutcomeResult</c> maps it to HTTP in one place.
/// </summary>
public readonly struct Outcome<T> : IOutcome
{
    private Outcome(T? value, Problem? problem, string? location)
    {
        Value = value;
        Problem = problem;
        Location = location;
    }

    /// <summary>The value; null exactly if there is a <see cref="Problem"/>.</summary>
    public T? Value { get; }

    public Problem? Problem { get; }

    /// <summary>Address of the thing that was created; null for everything else.</summary>
    public string? Location { get; }

    object? IOutcome.Value => Value;

    public static implicit operator Outcome<T>(T value) => new(value, null, null);

    public static implicit operator Outcome<T>(Problem problem) => new(default, problem, null);

    internal static Outcome<T> Created(T value, string? location) => new(value, null, location);
}

public static class Outcome
{
    /// <summary>Something new exists at <paramref name="location"/>: 201.</summary>
    public static Outcome<T> Created<T>(T value, string location) => Outcome<T>.Created(value, location);

    /// <summary>A success whose type is an interface, from which C# converts to nothing of itself.</summary>
    public static Outcome<T> Of<T>(T value) => Outcome<T>.Created(value, location: null);

    /// <summary>Done, and there is nothing to say: 204.</summary>
    public static Outcome<Nothing> Done { get; } = default(Nothing);
}

/// <summary>The value of a use case that answers nothing.</summary>
public readonly record struct Nothing;

/// <summary>An <see cref="Outcome{T}"/> whose type of value does not matter.</summary>
public interface IOutcome
{
    object? Value { get; }

    Problem? Problem { get; }

    string? Location { get; }
}
