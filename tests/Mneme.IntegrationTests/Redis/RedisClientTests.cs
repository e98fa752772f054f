using System.Collections.Concurrent;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Redis.Resp;

namespace Mneme.IntegrationTests.Redis;

/// <summary>Our client on a server that stays.</summary>
public sealed class RedisClientTests(SharedRedis redis) : IClassFixture<SharedRedis>
{
    [Fact]
    public async Task Many_callers_share_a_connection_and_each_gets_its_own_reply()
    {
        await using var server = await redis.Instance.ConnectAsync();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
                (await server.RunAsync("ECHO", $"{caller}/{i}")).ShouldBe($"{caller}/{i}");
        })));

        (await redis.Instance.CommandAsync("CLIENT", "LIST", "ID", server.Id.ToString())).ShouldContain($"name=mneme-test-{Environment.ProcessId}");
    }

    [Fact]
    public async Task Commands_are_executed_in_the_order_of_the_calls()
    {
        await using var server = await redis.Instance.ConnectAsync();

        await Task.WhenAll(Enumerable.Range(0, 20_000).Select(i => server.RunAsync("RPUSH", "ordered", i)));

        (await redis.Instance.JsonAsync("LRANGE", "ordered", "0", "-1")).EnumerateArray().Select(value => int.Parse(value.GetString()!)).ShouldBe(Enumerable.Range(0, 20_000));
    }

    [Fact]
    public async Task Values_are_bytes_of_any_kind_and_size()
    {
        await using var server = await redis.Instance.ConnectAsync();
        var value = new byte[5_000_000];
        new Random(1).NextBytes(value);

        await server.RunAsync("SET", "bytes", value);

        (await server.ExecuteAsync(RespCommand.Of("GET", "bytes"), CancellationToken.None)).Bytes.SequenceEqual(value).ShouldBeTrue();
        (await redis.Instance.NumberAsync("STRLEN", "bytes")).ShouldBe(5_000_000);
    }

    [Fact]
    public async Task Every_type_that_the_server_has_arrives()
    {
        await using var server = await redis.Instance.ConnectAsync();
        async Task<RespType> TypeAsync(params RespArgument[] what) => (await server.ExecuteAsync(RespCommand.Of("DEBUG", [(RespArgument)"PROTOCOL", .. what]), CancellationToken.None)).Type;

        (await TypeAsync("string")).ShouldBe(RespType.BulkString);
        (await TypeAsync("integer")).ShouldBe(RespType.Integer);
        (await TypeAsync("double")).ShouldBe(RespType.Double);
        (await TypeAsync("null")).ShouldBe(RespType.Null);
        (await TypeAsync("array")).ShouldBe(RespType.Array);
        (await TypeAsync("set")).ShouldBe(RespType.Set);
        (await TypeAsync("map")).ShouldBe(RespType.Map);
        (await TypeAsync("attrib")).ShouldBe(RespType.BulkString, "the attribute before it is read over");
        (await TypeAsync("verbatim")).ShouldBe(RespType.VerbatimString);
        (await TypeAsync("bignum")).ShouldBe(RespType.BigNumber);
        (await TypeAsync("true")).ShouldBe(RespType.Boolean);
    }

    [Fact]
    public async Task An_error_is_told_to_whom_it_concerns_and_the_connection_goes_on()
    {
        await using var server = await redis.Instance.ConnectAsync();
        await server.RunAsync("SET", "text", "no list");

        var wrong = server.RunAsync("RPUSH", "text", "x");
        var right = server.RunAsync("ECHO", "right");

        (await Should.ThrowAsync<RedisServerException>(() => wrong)).Code.ShouldBe("WRONGTYPE");
        (await right).ShouldBe("right");
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_replies_of_the_others_in_their_places()
    {
        await using var server = await redis.Instance.ConnectAsync();
        using var impatient = new CancellationTokenSource();

        var blocked = server.ExecuteAsync(RespCommand.Of("BLPOP", "never", "0"), impatient.Token);
        var behind = Enumerable.Range(0, 100).Select(i => server.RunAsync("ECHO", i)).ToList();
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => blocked);
        await redis.Instance.CommandAsync("RPUSH", "never", "at last");

        (await Task.WhenAll(behind)).ShouldBe(Enumerable.Range(0, 100).Select(i => i.ToString()));
    }

    [Fact]
    public async Task A_command_that_takes_too_long_fails_alone_while_the_server_speaks()
    {
        var spoken = new SemaphoreSlim(0);
        await using var server = await RedisConnections.Connector(redis.Instance.Address, TimeSpan.FromSeconds(3)).ConnectAsync("test", CancellationToken.None, _ => spoken.Release());
        await server.SubscribeAsync("signs-of-life", CancellationToken.None);

        var blocked = server.ExecuteAsync(RespCommand.Of("BLPOP", "too-long", "0"), CancellationToken.None);
        await Eventually.TrueAsync(
            async () =>
            {
                await redis.Instance.CommandAsync("PUBLISH", "signs-of-life", "still here");
                return blocked.IsCompleted;
            },
            "the command fails");
        await redis.Instance.CommandAsync("RPUSH", "too-long", "too late");

        await Should.ThrowAsync<RedisTimeoutException>(() => blocked);
        (await server.RunAsync("ECHO", "in place")).ShouldBe("in place");
        spoken.CurrentCount.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Messages_of_a_channel_come_between_the_replies_of_the_same_connection()
    {
        var messages = new ConcurrentQueue<string>();
        await using var server = await redis.Instance.ConnectAsync(push =>
        {
            if (push.Items[0].AsString() == "message")
                messages.Enqueue(push.Items[2].AsString());
        });
        var before = server.RunAsync("ECHO", "before");
        var subscribed = server.SubscribeAsync("news", CancellationToken.None);
        var after = server.RunAsync("ECHO", "after");
        await subscribed;

        for (var i = 0; i < 20; i++)
            (await redis.Instance.NumberAsync("PUBLISH", "news", $"message {i}")).ShouldBe(1);

        await Eventually.TrueAsync(() => Task.FromResult(messages.Count == 20), "the messages arrive");
        messages.ShouldBe(Enumerable.Range(0, 20).Select(i => $"message {i}"));
        (await before).ShouldBe("before");
        (await after).ShouldBe("after");
    }

    [Fact]
    public async Task A_connection_in_use_by_nobody_is_given_back()
    {
        var server = await redis.Instance.ConnectAsync();
        var blocked = server.ExecuteAsync(RespCommand.Of("BLPOP", "nothing", "0"), CancellationToken.None);

        await server.DisposeAsync();

        await Should.ThrowAsync<RedisConnectionException>(() => blocked);
        await Should.ThrowAsync<RedisConnectionException>(() => server.RunAsync("PING"));
        await Eventually.TrueAsync(async () => !(await redis.Instance.CommandAsync("CLIENT", "LIST")).Contains($"id={server.Id} ", StringComparison.Ordinal), "the server sees it go");
    }
}
