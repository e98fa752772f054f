using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Platform.Messaging;

/// <summary>A request to another service whose answer is a <typeparamref name="TResponse"/>.</summary>
public interface IAsk<TResponse>;

/// <summary>Names a request on the wire and says who may ask it of whom: the table of the system's synchronous dependencies.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AskAttribute(string name) : Attribute
{
    /// <summary>For a request that every service answers and the asker addresses, or that every service may ask.</summary>
    public const string EveryService = "*";

    public string Name { get; } = name;

    /// <summary>The service that answers, or <see cref="EveryService"/>.</summary>
    public required string AnsweredBy { get; init; }

    /// <summary>The services that may ask, or <see cref="EveryService"/> alone.</summary>
    public required string[] AskedBy { get; init; }

    public int DeadlineSeconds { get; init; } = 10;

    /// <summary>Whether asking twice does no harm, so that a lost answer may be asked for again.</summary>
    public bool IsIdempotent { get; init; }

    internal bool MayBeAskedBy(string service) => AskedBy is [EveryService] || AskedBy.Contains(service, StringComparer.Ordinal);
}

/// <summary>A request's CLR type and what its <see cref="AskAttribute"/> says.</summary>
public sealed record AskType(Type Clr, AskAttribute Contract)
{
    private static readonly ConcurrentDictionary<Type, AskType> Known = new();

    public static AskType Of(Type type) => Known.GetOrAdd(type, static t => new AskType(t, t.GetCustomAttribute<AskAttribute>()
        ?? throw new InvalidOperationException($"{t.Name} has no [Ask(…)], so nobody may ask it.")));
}

/// <summary>A service's answer to one kind of request.</summary>
public sealed class AskAnswer
{
    private readonly Func<string, IServiceProvider, CancellationToken, Task<AskReply>> _answer;

    private AskAnswer(AskType type, Func<string, IServiceProvider, CancellationToken, Task<AskReply>> answer)
    {
        Type = type;
        _answer = answer;
    }

    public AskType Type { get; }

    internal Task<AskReply> AnswerAsync(string request, IServiceProvider services, CancellationToken ct) => _answer(request, services, ct);

    internal static AskAnswer Create<TRequest, TResponse>(Delegate handler)
        where TRequest : class, IAsk<TResponse>
        where TResponse : class
    {
        var invocation = HandlerDelegate.Compile(handler, typeof(TRequest));
        return new AskAnswer(AskType.Of(typeof(TRequest)), async (json, services, ct) =>
        {
            if (!TryRead<TRequest>(json, out var request, out var malformed))
                return new AskReply(null, malformed);
            if (RequestValidation.Validate(request) is { } invalid)
                return new AskReply(null, invalid);
            var outcome = (IOutcome)(await invocation(request, services, ct))!;
            return outcome.Problem is { } problem ? new AskReply(null, problem) : new AskReply(JsonSerializer.Serialize((TResponse)outcome.Value!, Json.Options), null);
        });
    }

    /// <summary>A request of another version of the asker may not be what this one reads.</summary>
    private static bool TryRead<TRequest>(string json, [NotNullWhen(true)] out TRequest? request, [NotNullWhen(false)] out Problem? malformed)
        where TRequest : class
    {
        try
        {
            request = JsonSerializer.Deserialize<TRequest>(json, Json.Options);
            malformed = request is null ? Problem.Invalid("request", "is null.") : null;
        }
        catch (JsonException e)
        {
            (request, malformed) = (null, Problem.Invalid(e.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "request", "is missing, malformed or of the wrong type."));
        }

        return request is not null;
    }
}

/// <summary>What travels back: the response as JSON, or a problem.</summary>
internal sealed record AskReply(string? Response, Problem? Problem);

/// <summary>Asks other services.</summary>
public interface IAsk
{
    /// <summary>Asks the service that the request's contract names.</summary>
    /// <returns>The answer, the answering service's problem, or <see cref="ProblemKind.Unavailable"/> when the deadline passes.</returns>
    Task<Outcome<TResponse>> Ask<TResponse>(IAsk<TResponse> request, CancellationToken ct)
        where TResponse : class => Ask(request, AskType.Of(request.GetType()).Contract.AnsweredBy, ct);

    /// <summary>Asks a service by name, for requests that every service answers.</summary>
    Task<Outcome<TResponse>> Ask<TResponse>(IAsk<TResponse> request, string service, CancellationToken ct)
        where TResponse : class;
}
