using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Redis;
using Mneme.Platform.Redis.Resp;
using Mneme.Platform.Redis.Streams;

namespace Mneme.IntegrationTests.Redis;

/// <summary>Events leave the outbox when Redis has confirmed them: what it must promise before.</summary>
public sealed class DurabilityTests
{
    [Theory]
    [InlineData("appendonly no", RedisDurability.Always, "appendonly yes")]
    [InlineData("appendonly no", RedisDurability.EverySecond, "appendonly yes")]
    [InlineData("appendonly yes,appendfsync everysec", RedisDurability.Always, "appendfsync always")]
    [InlineData("appendonly yes,appendfsync always,no-appendfsync-on-rewrite yes", RedisDurability.Always, "no-appendfsync-on-rewrite no")]
    [InlineData("appendonly yes,appendfsync no", RedisDurability.EverySecond, "appendfsync everysec")]
    [InlineData("appendonly yes,appendfsync always,maxmemory 100mb,maxmemory-policy allkeys-lru", RedisDurability.Always, "maxmemory-policy noeviction")]
    public async Task A_server_that_promises_less_is_refused_with_what_to_set(string settings, RedisDurability durability, string remedy)
    {
        await using var redis = await RedisInstance.StartNewAsync(Options(settings));
        await using var server = await redis.ConnectAsync();

        (await Should.ThrowAsync<RedisUnsuitableException>(() => VerifyAsync(server, durability))).Message.ShouldContain(remedy);
    }

    [Theory]
    [InlineData("appendonly yes,appendfsync always", RedisDurability.Always)]
    [InlineData("appendonly yes,appendfsync always,maxmemory 100mb,maxmemory-policy volatile-lru", RedisDurability.Always)]
    [InlineData("appendonly yes,appendfsync everysec", RedisDurability.EverySecond)]
    [InlineData("appendonly no", RedisDurability.Unchecked)]
    public async Task A_server_that_promises_enough_is_taken(string settings, RedisDurability durability)
    {
        await using var redis = await RedisInstance.StartNewAsync(Options(settings));
        await using var server = await redis.ConnectAsync();

        (await VerifyAsync(server, durability)).ShouldBe(new Confirmation(WaitsForDisk: false, Replicas: 0));
    }

    [Fact]
    public async Task A_server_that_does_not_say_is_refused()
    {
        await using var redis = await RedisInstance.StartNewAsync(["--rename-command", "CONFIG", ""]);
        await using var server = await redis.ConnectAsync();

        (await Should.ThrowAsync<RedisUnsuitableException>(() => VerifyAsync(server, RedisDurability.Always))).Message.ShouldContain("Redis__Durability=Unchecked");
        await VerifyAsync(server, RedisDurability.Unchecked);
    }

    [Fact]
    public async Task A_batch_is_confirmed_only_when_so_many_replicas_have_it()
    {
        await using var primary = await RedisInstance.StartNewAsync(RedisInstance.Durable);
        await using var server = await primary.ConnectAsync();
        var confirmation = new Confirmation(WaitsForDisk: false, Replicas: 1);
        await server.RunAsync("SET", "a", "1");
        (await Should.ThrowAsync<RedisTimeoutException>(() => confirmation.AwaitAsync(server, TimeSpan.FromMilliseconds(200), CancellationToken.None))).Message.ShouldContain("0 of 1 replicas");

        await using var replica = await RedisInstance.StartNewAsync(["--replicaof", "127.0.0.1", $"{primary.Port}"]);
        await Eventually.TrueAsync(async () => (await replica.CommandAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal), "it is a replica");
        await server.RunAsync("SET", "b", "2");
        await confirmation.AwaitAsync(server, TimeSpan.FromSeconds(30), CancellationToken.None);
        (await replica.CommandAsync("GET", "b")).ShouldBe("2");
    }

    // Redis 7.2 and newer, which Debian 12 does not have: a stand-in that speaks the documented replies.
    [Theory]
    [InlineData("*2\r\n:1\r\n:2\r\n", null)]
    [InlineData("*2\r\n:0\r\n:2\r\n", "did not bring it to its disk")]
    [InlineData("*2\r\n:1\r\n:1\r\n", "reached 1 of 2 replicas")]
    public async Task A_newer_server_is_asked_to_wait_for_its_disk_instead(string reply, string? fault)
    {
        await using var standIn = new RespStandIn(command => command[0] switch
        {
            "HELLO" => "%5\r\n+server\r\n+redis\r\n+version\r\n$5\r\n7.2.4\r\n+id\r\n:7\r\n+mode\r\n$10\r\nstandalone\r\n+role\r\n$6\r\nmaster\r\n",
            "CONFIG" => $"%1\r\n${command[2].Length}\r\n{command[2]}\r\n" + (command[2] is "appendonly" ? "$3\r\nyes\r\n" : command[2] is "appendfsync" ? "$8\r\neverysec\r\n" : "$1\r\n0\r\n"),
            "WAITAOF" => reply,
            _ => "-ERR unknown command\r\n",
        });
        await using var server = await RedisConnections.Connector(standIn.Address).ConnectAsync("test", CancellationToken.None);

        var confirmation = await VerifyAsync(server, RedisDurability.Always, replicas: 2);
        confirmation.ShouldBe(new Confirmation(WaitsForDisk: true, Replicas: 2));
        var waiting = confirmation.AwaitAsync(server, TimeSpan.FromSeconds(5), CancellationToken.None);
        if (fault is null)
            await waiting;
        else
            (await Should.ThrowAsync<RedisTimeoutException>(() => waiting)).Message.ShouldContain(fault);
        standIn.Commands.ShouldContain("WAITAOF 1 2 5000");
    }

    private static Task<Confirmation> VerifyAsync(RedisServer server, RedisDurability durability, int replicas = 0) =>
        new Durability(new RedisOptions { Durability = durability, WaitForReplicas = replicas }, NullLogger<Durability>.Instance).VerifyAsync(server, CancellationToken.None);

    private static IEnumerable<string> Options(string settings) => settings.Split(',').SelectMany(setting => ("--" + setting).Split(' '));
}
