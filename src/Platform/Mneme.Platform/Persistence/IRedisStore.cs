using Mneme.Platform.Observability;

namespace Mneme.Platform.Persistence;

/// <summary>
/// The server of <c>Redis__Url</c> as a store: a port, so that adapters within services carry no client. It is asked by scripts in Lua, each of which has its effects whole and
/// alone, or not at all; they find the prefix of their keys in <c>KEYS[1]</c>, make keys of it (<c>KEYS[1] .. '.channel.' .. ARGV[1]</c>), and return a list of texts.
/// </summary>
public interface IRedisStore
{
    /// <summary>Reads.</summary>
    /// <param name="script">Lua. It is part of the program: what comes from outside goes into <paramref name="arguments"/>.</param>
    /// <param name="arguments"><c>ARGV</c>.</param>
    /// <param name="ct">Cancels waiting.</param>
    /// <exception cref="StoreUnavailableException">The server did not answer, or is not fit to keep anything.</exception>
    Task<IReadOnlyList<string>> QueryAsync(string script, IReadOnlyList<string> arguments, CancellationToken ct);

    /// <summary>Changes, and returns when the server keeps the change as <c>Redis__Durability</c> asks.</summary>
    /// <inheritdoc cref="QueryAsync"/>
    /// <exception cref="StoreUnavailableException">As above; the change may have been made all the same.</exception>
    Task<IReadOnlyList<string>> ChangeAsync(string script, IReadOnlyList<string> arguments, CancellationToken ct);
}

/// <summary>A store beside the database does not answer: callers read 503, events and jobs wait for it (<see cref="DatabaseFailure.IsUnavailable"/>).</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

public static class RedisStoreHealth
{
    /// <summary>The server as something that a process cannot work without (<see cref="Dependency"/>).</summary>
    public static Dependency AsDependency(this IRedisStore store) => new("Redis", ct => store.QueryAsync("return {}", [], ct));
}
