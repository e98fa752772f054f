namespace Mneme.Platform.Domain;

/// <summary>The kinds of expected failure. Each is one HTTP status.</summary>
public enum ProblemKind
{
    Invalid = 400,
    Unauthenticated = 401,
    Forbidden = 403,
    NotFound = 404,
    Conflict = 409,
    PreconditionFailed = 412,
    TooLarge = 413,
    Unprocessable = 422,
    PreconditionRequired = 428,
    TooManyRequests = 429,
    Unavailable = 503,
}

/// <summary>An expected failure, in words for the person who can do something about it.</summary>
/// <param name="Kind">The kind; its number is the HTTP status.</param>
/// <param name="Code">Stable, lower-case name for programs, such as <c>capture-type-unsupported</c>.</param>
/// <param name="Detail">What is wrong and what to do; never contains internals.</param>
public sealed record Problem(ProblemKind Kind, string Code, string Detail)
{
    /// <summary>For <see cref="ProblemKind.Invalid"/>: messages for each field, by its name in the request.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>For <see cref="ProblemKind.TooManyRequests"/> and <see cref="ProblemKind.Unavailable"/>: when to try again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Unknown, or another person's: the two are not told apart.</summary>
    public static Problem NotFound(string what) => new(ProblemKind.NotFound, "not-found", $"There is no such {what}.");

    public static Problem Conflict(string code, string detail) => new(ProblemKind.Conflict, code, detail);

    public static Problem Unprocessable(string code, string detail) => new(ProblemKind.Unprocessable, code, detail);

    public static Problem Forbidden(string code, string detail) => new(ProblemKind.Forbidden, code, detail);

    public static Problem Unauthenticated(string code, string detail) => new(ProblemKind.Unauthenticated, code, detail);

    public static Problem Invalid(string field, string message) =>
        Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(ProblemKind.Invalid, "invalid", "One or more values are not valid; see errors.") { Errors = errors };

    public static Problem TooManyRequests(TimeSpan retryAfter, string detail) =>
        new(ProblemKind.TooManyRequests, "too-many-requests", detail) { RetryAfter = retryAfter };

    public static Problem Unavailable(string code, string detail, TimeSpan? retryAfter = null) =>
        new(ProblemKind.Unavailable, code, detail) { RetryAfter = retryAfter ?? TimeSpan.FromSeconds(2) };

    /// <summary>The thing changed since the caller read it (If-Match).</summary>
    public static Problem PreconditionFailed() =>
        new(ProblemKind.PreconditionFailed, "changed-meanwhile", "It was changed since you read it. Read it again and repeat your change.");
}
