using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Services;

namespace Mneme.Platform.Messaging;

/// <summary>A request to another service whose answer is a <typeparamref name="TResponse"/>.</summary>
public interface IAsk<TResponse>;

/// <summary>Names a request on the wire and says who may ask it of whom: the table of the system's synchronous dependencies.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AskAttribute(string name) : Attribute
{
    /// <summary>For a request that every service answers and the asker addresses.</summary>
    public const string EveryService = "*";

    public string Name { get; } = name;

    /// <summary>The service that answers, or <see cref="EveryService"/>.</summary>
    public required string AnsweredBy { get; init; }

    /// <summary>The services that may ask.</summary>
    public required string[] AskedBy { get; init; }

    public int DeadlineSeconds { get; init; } = 10;

    /// <summary>Whether asking twice does no harm, so that a lost answer may be asked for again.</summary>
    public bool IsIdempotent { get; init; }
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
            var request = JsonSerializer.Deserialize<TRequest>(json, Json.Options) ?? throw new JsonException("The request is null.");
            if (RequestValidation.Validate(request) is { } invalid)
                return new AskReply(null, invalid);
            var outcome = (IOutcome)(await invocation(request, services, ct))!;
            return outcome.Problem is { } problem ? new AskReply(null, problem) : new AskReply(JsonSerializer.Serialize((TResponse)outcome.Value!, Json.Options), null);
        });
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

/// <summary>
/// Asks services in this process. The request and the answer are serialised, the answer runs in a scope of its own with no ambient transaction, and
/// the deadline holds, so that it behaves as it does between processes.
/// </summary>
internal sealed class InProcessAsk(CurrentService asker, ServiceRegistry registry, IServiceScopeFactory scopes) : IAsk
{
    public async Task<Outcome<TResponse>> Ask<TResponse>(IAsk<TResponse> request, string service, CancellationToken ct)
        where TResponse : class
    {
        var type = AskType.Of(request.GetType());
        if (!type.Contract.AskedBy.Contains(asker.Name, StringComparer.Ordinal))
            throw new InvalidOperationException($"'{asker.Name}' may not ask {type.Contract.Name}: its contract names {string.Join(", ", type.Contract.AskedBy)}.");
        var answer = registry.Find(service)?.Answers.FirstOrDefault(a => a.Type == type)
            ?? throw new InvalidOperationException($"'{service}' does not answer {type.Contract.Name} in this process.");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(type.Contract.DeadlineSeconds));
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = service;
        try
        {
            var reply = await answer.AnswerAsync(JsonSerializer.Serialize(request, type.Clr, Json.Options), scope.ServiceProvider, deadline.Token);
            return reply.Problem is { } problem ? problem : JsonSerializer.Deserialize<TResponse>(reply.Response!, Json.Options)!;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Problem.Unavailable("deadline-passed", $"{service} did not answer {type.Contract.Name} within {type.Contract.DeadlineSeconds} s.");
        }
    }
}
