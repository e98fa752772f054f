using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Redis.SignalR;

/// <summary>Hubs while Redis is away, and without Redis.</summary>
public sealed class HubOutageTests(SharedApplication shared)
{
    [Fact]
    public async Task While_Redis_is_away_each_instance_reaches_its_own_clients_and_afterwards_all_again()
    {
        var log = new LogRecorder();
        await using var redis = await RedisInstance.StartNewAsync();
        await using var first = await HubInstance.StartAsync(shared.Postgres, redis, "outage", log: log);
        await using var second = await HubInstance.StartAsync(shared.Postgres, redis, "outage");
        await using var here = await first.ConnectAsync();
        await using var there = await second.ConnectAsync();
        await new[] { first, second }.HearEachOtherAsync(here, there);
        await second.Hub.Groups.AddToGroupAsync(there.Id, "group");
        log.Lines.Clear();

        await redis.KillAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Outages(log).Count > 0), "the instance notices");
        for (var i = 0; i < 5; i++)
        {
            await first.Hub.Clients.All.SendAsync("to", "all");
            await first.Hub.Clients.Client(there.Id).SendAsync("to", "one there");
        }

        (await Should.ThrowAsync<IOException>(() => first.Hub.Groups.AddToGroupAsync(there.Id, "other"))).Message.ShouldContain("while Redis is away");
        (await Should.ThrowAsync<IOException>(() => first.Hub.Clients.Client(there.Id).InvokeAsync<string>("who", CancellationToken.None))).Message.ShouldContain("while Redis is away");
        await first.Hub.Groups.AddToGroupAsync(here.Id, "group");
        await using var late = await first.ConnectAsync();
        await first.Hub.Clients.All.SendAsync("to", "all");
        await first.FenceAsync(here, late);
        here.Messages().ShouldBe(Enumerable.Repeat("""to["all"]""", 6));
        late.Messages().ShouldBe(["""to["all"]"""]);
        Outages(log).ShouldHaveSingleItem();

        await redis.StartAsync();
        await new[] { first, second }.HearEachOtherAsync(here, there, late);
        await first.Hub.Clients.Group("group").SendAsync("to", "group");
        await first.FenceAsync(here, there, late);
        here.Messages().ShouldBe(["""to["group"]"""]);
        there.Messages().ShouldBe(["""to["group"]"""]);
        late.Messages().ShouldBeEmpty();
        log.Lines.Count(line => line.StartsWith($"Information: Redis is back, and it is no longer so that messages on {HubInstance.Channel("outage")}", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_that_no_instance_holds_is_not_waited_for_without_end()
    {
        await using var redis = await RedisInstance.StartNewAsync();
        await using var only = await HubInstance.StartAsync(shared.Postgres, redis, "nobody", answerLimit: "00:00:00.500");
        await using var client = await only.ConnectAsync();

        (await Should.ThrowAsync<IOException>(() => only.Hub.Groups.AddToGroupAsync("nobody", "group"))).Message.ShouldContain("onnection 'nobody'");
        (await Should.ThrowAsync<IOException>(() => only.Hub.Clients.Client("nobody").InvokeAsync<string>("who", CancellationToken.None))).Message.ShouldContain("onnection 'nobody'");
    }

    [Fact]
    public async Task Without_Redis_memory_serves_the_same_ports()
    {
        await using var only = await HubInstance.StartAsync(shared.Postgres, redis: null, "alone");
        await using var client = await only.ConnectAsync();

        only.App.Services.GetRequiredService<HubLifetimeManager<ProbeHub>>().ShouldBeOfType<DefaultHubLifetimeManager<ProbeHub>>();
        only.App.Services.GetRequiredService<IDistributedCache>().ShouldBeOfType<MemoryDistributedCache>();
        await only.Hub.Clients.All.SendAsync("to", "all");
        await client.ReceivesAsync("""to["all"]""");
    }

    private static List<string> Outages(LogRecorder log) =>
        [.. log.Lines.Where(line => line.StartsWith($"Warning: Redis is away; until it is back, messages on {HubInstance.Channel("outage")}", StringComparison.Ordinal))];
}
