using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Redis.SignalR;

/// <summary>Two instances behind one Redis, each with clients of its own.</summary>
public sealed class HubBackplaneTests(HubPair pair, SharedApplication shared) : IClassFixture<HubPair>, IAsyncLifetime
{
    private readonly Guid _ada = Guid.NewGuid();
    private readonly Guid _bob = Guid.NewGuid();
    private HubClient _adaAtFirst = null!;
    private HubClient _adaAtSecond = null!;
    private HubClient _bobAtFirst = null!;
    private HubClient _bobAtSecond = null!;

    private HubInstance First => pair.First;

    private HubInstance Second => pair.Second;

    private HubInstance[] Instances => [First, Second];

    private HubClient[] Everybody => [_adaAtFirst, _adaAtSecond, _bobAtFirst, _bobAtSecond];

    public async ValueTask InitializeAsync()
    {
        (_adaAtFirst, _bobAtFirst) = (await First.ConnectAsync(_ada), await First.ConnectAsync(_bob));
        (_adaAtSecond, _bobAtSecond) = (await Second.ConnectAsync(_ada), await Second.ConnectAsync(_bob));
        await Instances.HearEachOtherAsync(Everybody);
    }

    [Fact]
    public async Task Messages_reach_whom_they_are_for_once_wherever_they_are_connected()
    {
        var clients = First.Hub.Clients;

        await clients.All.SendAsync("to", "all");
        await clients.AllExcept(_adaAtSecond.Id, _bobAtFirst.Id).SendAsync("to", "all but two");
        await clients.User($"{_ada}").SendAsync("to", "Ada");
        await clients.Users($"{_ada}", $"{_bob}", $"{Guid.NewGuid()}").SendAsync("to", "Ada and Bob");
        await clients.Client(_bobAtSecond.Id).SendAsync("to", "one there");
        await clients.Client(_bobAtFirst.Id).SendAsync("to", "one here");
        await clients.Clients(_adaAtFirst.Id, _adaAtSecond.Id).SendAsync("to", "one here and one there");
        await clients.Client("nobody").SendAsync("to", "nobody");
        await _adaAtSecond.CallAsync("TellOthers", "whom Ada did not count");
        await Instances.FenceAsync(Everybody);

        _adaAtFirst.Messages().ShouldBe(["""to["all"]""", """to["all but two"]""", """to["Ada"]""", """to["Ada and Bob"]""", """to["one here and one there"]""", """said["whom Ada did not count"]"""]);
        _adaAtSecond.Messages().ShouldBe(["""to["all"]""", """to["Ada"]""", """to["Ada and Bob"]""", """to["one here and one there"]"""]);
        _bobAtFirst.Messages().ShouldBe(["""to["all"]""", """to["Ada and Bob"]""", """to["one here"]""", """said["whom Ada did not count"]"""]);
        _bobAtSecond.Messages().ShouldBe(["""to["all"]""", """to["all but two"]""", """to["Ada and Bob"]""", """to["one there"]""", """said["whom Ada did not count"]"""], ignoreOrder: true);
    }

    [Fact]
    public async Task Groups_span_the_instances()
    {
        var (clients, groups) = (First.Hub.Clients, First.Hub.Groups);
        await _adaAtFirst.CallAsync("Join", "readers");
        await _adaAtSecond.CallAsync("Join", "readers");
        // Held by the other instance, which has done it when this returns.
        await groups.AddToGroupAsync(_bobAtSecond.Id, "readers");
        await groups.AddToGroupAsync(_bobAtSecond.Id, "readers");
        await groups.AddToGroupAsync(_bobAtFirst.Id, "writers");

        await clients.Group("readers").SendAsync("to", "readers");
        await clients.GroupExcept("readers", _adaAtSecond.Id).SendAsync("to", "readers but one");
        await clients.Groups("readers", "writers").SendAsync("to", "both");
        await clients.Group("nobody's").SendAsync("to", "nobody");
        await groups.RemoveFromGroupAsync(_bobAtSecond.Id, "readers");
        await clients.Group("readers").SendAsync("to", "those who are left");
        await Instances.FenceAsync(Everybody);

        _adaAtFirst.Messages().ShouldBe(["""to["readers"]""", """to["readers but one"]""", """to["both"]""", """to["those who are left"]"""]);
        _adaAtSecond.Messages().ShouldBe(["""to["readers"]""", """to["both"]""", """to["those who are left"]"""]);
        _bobAtFirst.Messages().ShouldBe(["""to["both"]"""]);
        _bobAtSecond.Messages().ShouldBe(["""to["readers"]""", """to["readers but one"]""", """to["both"]"""]);
    }

    [Fact]
    public async Task Arguments_arrive_everywhere_as_the_same_JSON_and_in_order()
    {
        await First.Hub.Clients.All.SendAsync("kinds", null, 1, 2.5m, "ä\"🦦", new Told("Ada", Missing: null, new DateOnly(2026, 11, 21)), new[] { 1, 2 }, JsonSerializer.SerializeToElement(new { Own = true }));
        await First.Hub.Clients.All.SendAsync("nothing");
        for (var i = 0; i < 300; i++)
            await First.Hub.Clients.All.SendAsync("count", i);
        await Instances.FenceAsync(Everybody);

        _adaAtFirst.Messages()[0].ShouldContain("""{"name":"Ada","missing":null,"day":"2026-11-21"},[1,2],{"Own":true}]""");
        _adaAtFirst.Messages().Skip(2).ShouldBe(Enumerable.Range(0, 300).Select(i => $"count[{i}]"));
        _adaAtSecond.Messages().ShouldBe(_adaAtFirst.Messages());
    }

    [Fact]
    public async Task A_client_of_the_other_instance_answers()
    {
        _bobAtSecond.Answer = (method, arguments) => new JsonObject { ["result"] = new JsonObject { ["name"] = $"{method} {arguments[0]}", ["missing"] = null, ["day"] = "2026-11-21" } };
        _adaAtSecond.Answer = (_, _) => new JsonObject { ["error"] = "She would rather not." };

        (await First.Hub.Clients.Client(_bobAtSecond.Id).InvokeAsync<Told>("who", "is it", CancellationToken.None)).ShouldBe(new Told("who is it", null, new DateOnly(2026, 11, 21)));
        (await Should.ThrowAsync<HubException>(() => First.Hub.Clients.Client(_adaAtSecond.Id).InvokeAsync<Told>("who", "is it", CancellationToken.None))).Message.ShouldContain("She would rather not.");

        // Who never answers, until he is gone.
        var asked = new TaskCompletionSource();
        var gone = await Second.ConnectAsync();
        gone.Answer = (_, _) =>
        {
            asked.SetResult();
            throw new OperationCanceledException();
        };
        var never = First.Hub.Clients.Client(gone.Id).InvokeAsync<Told>("who", "is it", CancellationToken.None);
        await asked.Task;
        await gone.DisposeAsync();
        await Should.ThrowAsync<HubException>(() => never);
    }

    [Fact]
    public async Task The_instances_have_one_cache()
    {
        var (here, there) = (First.App.Services.GetRequiredService<IDistributedCache>(), Second.App.Services.GetRequiredService<IDistributedCache>());
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromHours(1), AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(2) };

        await Eventually.TrueAsync(
            async () =>
            {
                await here.SetStringAsync("things:1", "one", sliding);
                return await there.GetStringAsync("things:1") == "one";
            },
            "what one sets the other finds");
        await Eventually.TrueAsync(
            async () =>
            {
                await there.RemoveAsync("things:1");
                return await here.GetAsync("things:1") is null;
            },
            "what one removes the other does not find");
    }

    [Fact]
    public async Task What_is_none_of_the_instances_messages_is_ignored()
    {
        var counted = 0L;
        using var listener = new MeterListener { InstrumentPublished = Listen };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Interlocked.Add(ref counted, count));
        listener.Start();
        string[] unreadable =
        [
            "", "hello", "null", "[]", "{}", """{"from":"x"}""", """{"from":"x","kind":"DANCE"}""", """{"from":null,"kind":"SEND_TO_ALL"}""", """{"from":"x","kind":"SEND_TO_ALL","to":5}""", new string('[', 2000),
        ];
        string[] pointless = ["""{"from":"x","kind":"SEND_TO_GROUPS","to":[null]}""", """{"from":"x","kind":"ADD_TO_GROUP","connection":"x","to":["x"]}""", """{"from":"x","kind":"TAKEN","id":"x"}"""];
        foreach (var message in unreadable.Concat(pointless))
            (await pair.Redis.NumberAsync("PUBLISH", HubInstance.Channel(HubPair.Prefix), message)).ShouldBe(2, "both instances hear it");

        await First.Hub.Clients.All.SendAsync("to", "all");
        await Instances.FenceAsync(Everybody);

        foreach (var client in Everybody)
            client.Messages().ShouldBe(["""to["all"]"""]);
        Interlocked.Read(ref counted).ShouldBe(2 * unreadable.Length);
        pair.Log.Lines.Where(line => line.StartsWith("Warning: A message of ", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldContain($"A message of 0 bytes on the channel of {typeof(ProbeHub).FullName}");

        static void Listen(Instrument instrument, MeterListener all)
        {
            if (instrument.Name == "mneme.hubs.ignored")
                all.EnableMeasurementEvents(instrument);
        }
    }

    [Fact]
    public async Task The_gateway_knows_the_way_to_it_and_opens_no_connection_for_that()
    {
        await using var catalogue = GatewayApplication.Catalogue(
            [new HubService()], new ConfigurationBuilder().AddInMemoryCollection([new("Redis:Url", $"redis://mneme:password@{pair.Redis.Address.Authority}")]).Build());

        catalogue.Table.Operations.Where(operation => operation.Service == "hubs" && !operation.IsOfProcess).Select(operation => $"{string.Join(' ', operation.Methods)} {operation.Pattern}")
            .ShouldBe(["GET POST DELETE /api/v1/hubs/probe", "GET POST DELETE /api/v1/hubs/probe/negotiate"], ignoreOrder: true);
        (await pair.Redis.CommandAsync("CLIENT", "LIST")).Split('\n').Count(line => line.Contains("name=mneme-hub-", StringComparison.Ordinal)).ShouldBe(2, "the instances' own");
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_anybody_gets_it()
    {
        (await Should.ThrowAsync<InvalidOperationException>(() => First.Hub.Clients.All.SendAsync("large", new string('x', 1024 * 1024)))).Message.ShouldContain("may have 1048576 bytes");
        await First.Hub.Clients.All.SendAsync("large", new string('x', 1_000_000));
        await Instances.FenceAsync(Everybody);

        foreach (var client in Everybody)
            client.Messages().ShouldHaveSingleItem().Length.ShouldBe(1_000_000 + """large[""]""".Length);
    }

    [Fact]
    public async Task Other_installations_do_not_hear_it_neither_by_another_prefix_nor_in_another_database()
    {
        await using var otherPrefix = await HubInstance.StartAsync(shared.Postgres, pair.Redis, HubPair.Prefix + "x");
        await using var otherDatabase = await HubInstance.StartAsync(shared.Postgres, pair.Redis, HubPair.Prefix, database: 1);
        await using var atOtherPrefix = await otherPrefix.ConnectAsync(_ada);
        await using var atOtherDatabase = await otherDatabase.ConnectAsync(_ada);
        foreach (var channel in new[] { HubInstance.Channel(HubPair.Prefix + "x"), HubInstance.Channel(HubPair.Prefix, database: 1) })
            await Eventually.TrueAsync(async () => (await pair.Redis.CommandAsync("PUBSUB", "NUMSUB", channel)).EndsWith("\n1", StringComparison.Ordinal), $"{channel} is heard");

        await First.Hub.Clients.All.SendAsync("to", "all");
        await First.Hub.Clients.User($"{_ada}").SendAsync("to", "Ada");
        await Instances.FenceAsync(Everybody);
        await otherPrefix.FenceAsync(atOtherPrefix);
        await otherDatabase.FenceAsync(atOtherDatabase);

        atOtherPrefix.Messages().ShouldBeEmpty();
        atOtherDatabase.Messages().ShouldBeEmpty();
        _adaAtSecond.Messages().ShouldBe(["""to["all"]""", """to["Ada"]"""]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in Everybody)
            await client.DisposeAsync();
    }

    private sealed record Told(string Name, string? Missing, DateOnly Day);
}
