using Microsoft.Extensions.Logging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis;

/// <summary>Checks that a server keeps what it confirms, before anything is entrusted to it: an event leaves the outbox when it is confirmed.</summary>
internal sealed partial class Durability(RedisOptions options, ILogger<Durability> logger)
{
    /// <summary>Since then a client can wait until its writes are on the disk, whatever <c>appendfsync</c> says.</summary>
    private static readonly Version WaitsForDisk = new(7, 2);

    /// <returns>How a batch is confirmed on this server.</returns>
    /// <exception cref="RedisUnsuitableException">It promises less than <see cref="RedisOptions.Durability"/> asks for; the message says what to set.</exception>
    public async Task<Confirmation> VerifyAsync(RedisServer server, CancellationToken ct)
    {
        if (options.Durability == RedisDurability.Unchecked)
        {
            LogUnchecked();
            return new Confirmation(WaitsForDisk: false, options.WaitForReplicas);
        }

        var settings = await ReadAsync(server, ["appendonly", "appendfsync", "no-appendfsync-on-rewrite", "maxmemory", "maxmemory-policy"], ct);
        if (settings["appendonly"] != "yes")
            throw Refused("it keeps its data in memory only", "appendonly yes");
        if (settings["maxmemory"] != "0" && settings["maxmemory-policy"].StartsWith("allkeys", StringComparison.Ordinal))
            throw Refused("it throws data away when memory runs short", "maxmemory-policy noeviction");
        if (options.Durability == RedisDurability.EverySecond)
        {
            if (settings["appendfsync"] == "no")
                throw Refused("it leaves to its machine when data reach the disk", "appendfsync everysec");
            if (settings["appendfsync"] == "everysec")
                LogEverySecond();
            return new Confirmation(WaitsForDisk: false, options.WaitForReplicas);
        }

        var isOnDisk = settings["appendfsync"] == "always" && settings["no-appendfsync-on-rewrite"] == "no";
        if (!isOnDisk && server.Version < WaitsForDisk)
            throw Refused("it confirms what is not on its disk yet", "appendfsync always and no-appendfsync-on-rewrite no");
        return new Confirmation(WaitsForDisk: !isOnDisk, options.WaitForReplicas);
    }

    private static async Task<Dictionary<string, string>> ReadAsync(RedisServer server, IReadOnlyList<string> names, CancellationToken ct)
    {
        try
        {
            // One by one: several in one command came with Redis 7.
            var replies = await Task.WhenAll(names.Select(name => server.ExecuteAsync(RespCommand.Of("CONFIG", "GET", name), ct)));
            return names.Zip(replies).ToDictionary(pair => pair.First, pair => pair.Second[pair.First] is { IsNull: false } value ? value.AsString() : "", StringComparer.Ordinal);
        }
        catch (RedisServerException e)
        {
            throw new RedisUnsuitableException(
                $"Redis does not say how it keeps data ({e.Message}). Allow its user CONFIG GET, or set Redis__Durability=Unchecked if you know that it keeps what it confirms.", e);
        }
    }

    private static RedisUnsuitableException Refused(string fault, string setting) =>
        new($"Redis is given nothing to keep, because {fault}: set {setting} in its configuration, or accept less with Redis__Durability.");

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis is given what has to last although nobody checked that it keeps it (Redis__Durability=Unchecked)")]
    private partial void LogUnchecked();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis writes to its disk every second: if its machine fails, what it was given in the last moments is lost (Redis__Durability=EverySecond)")]
    private partial void LogEverySecond();
}

/// <summary>When what the server has answered is safe.</summary>
/// <param name="WaitsForDisk">Only when the server's disk has it, which has to be asked for.</param>
/// <param name="Replicas">Only when so many replicas have it.</param>
internal sealed record Confirmation(bool WaitsForDisk, int Replicas)
{
    /// <summary>Returns when everything that was sent over this connection is safe.</summary>
    /// <exception cref="RedisTimeoutException">It is not, in time.</exception>
    public async Task AwaitAsync(RedisServer server, TimeSpan timeout, CancellationToken ct)
    {
        if (!WaitsForDisk && Replicas == 0)
            return;
        var milliseconds = (long)timeout.TotalMilliseconds;
        var disks = WaitsForDisk ? 1 : 0;
        // WAITAOF lets replicas count only when their disks have it, too.
        var (hasDisk, replicas) = WaitsForDisk
            ? await server.ExecuteBlockingAsync(RespCommand.Of("WAITAOF", disks, Replicas, milliseconds), timeout, ct) is { Items: [var local, var remote] } ? (local.AsInteger(), remote.AsInteger()) : (0, 0)
            : (0, (await server.ExecuteBlockingAsync(RespCommand.Of("WAIT", Replicas, milliseconds), timeout, ct)).AsInteger());
        if (hasDisk < disks)
            throw new RedisTimeoutException($"Redis did not bring it to its disk within {timeout.TotalSeconds:0.#} s.");
        if (replicas < Replicas)
            throw new RedisTimeoutException($"It reached {replicas} of {Replicas} replicas within {timeout.TotalSeconds:0.#} s.");
    }
}
