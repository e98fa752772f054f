using Microsoft.AspNetCore.SignalR;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Redis.SignalR;

/// <summary>Two instances of one installation, and their Redis.</summary>
public sealed class HubPair(SharedApplication shared) : IAsyncLifetime
{
    public const string Prefix = "pair";

    public RedisInstance Redis { get; private set; } = null!;

    /// <summary>The first instance's.</summary>
    public LogRecorder Log { get; } = new();

    internal HubInstance First { get; private set; } = null!;

    internal HubInstance Second { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // What docs/transports/redis.md says that a user needs, without what events want.
        Redis = await RedisInstance.StartNewAsync(
            ["--user", "mneme", "on", ">password", $"~{Prefix}.*", $"&{Prefix}.*", "+@connection", "+@scripting", "+get", "+set", "+time", "+del", "+hset", "+hget", "+hmget", "+hdel", "+pexpire", "+persist", "+publish", "+subscribe"]);
        First = await HubInstance.StartAsync(shared.Postgres, Redis, Prefix, log: Log, account: "mneme:password@");
        Second = await HubInstance.StartAsync(shared.Postgres, Redis, Prefix, account: "mneme:password@");
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await Redis.DisposeAsync();
    }
}

internal static class HubMessages
{
    /// <summary>Returns when each client has got something from each instance, and forgets it.</summary>
    public static async Task HearEachOtherAsync(this IReadOnlyList<HubInstance> instances, params IReadOnlyList<HubClient> clients)
    {
        var words = instances.Select(_ => Guid.NewGuid().ToString("n")).ToList();
        await Eventually.TrueAsync(
            async () =>
            {
                for (var i = 0; i < instances.Count; i++)
                    await instances[i].Hub.Clients.Clients([.. clients.Select(client => client.Id)]).SendAsync("heard", words[i]);
                return clients.All(client => words.All(word => client.Received.Contains($"heard[\"{word}\"]")));
            },
            "the instances hear each other");
        // What was sent more than once has arrived when this has.
        await instances.FenceAsync(clients);
        foreach (var client in clients)
            client.Received.Clear();
    }

    /// <summary>Returns when everything that these instances sent before has arrived.</summary>
    public static async Task FenceAsync(this IReadOnlyList<HubInstance> instances, params IReadOnlyList<HubClient> clients)
    {
        foreach (var instance in instances)
            await instance.FenceAsync(clients);
    }

    /// <summary>Returns when everything that this instance sent before has arrived.</summary>
    public static async Task FenceAsync(this HubInstance instance, params IReadOnlyList<HubClient> clients)
    {
        var word = Guid.NewGuid().ToString("n");
        await instance.Hub.Clients.Clients([.. clients.Select(client => client.Id)]).SendAsync("fence", word);
        foreach (var client in clients)
            await client.ReceivesAsync($"fence[\"{word}\"]");
    }

    /// <summary>What came, but for the fences.</summary>
    public static IReadOnlyList<string> Messages(this HubClient client) => [.. client.Received.Where(call => !call.StartsWith("fence[", StringComparison.Ordinal))];
}
