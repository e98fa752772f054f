using System.Net;
using Mneme.Contracts.Channels;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Support;
using static Mneme.IntegrationTests.Channels.ChannelsApi;

namespace Mneme.IntegrationTests.Channels;

/// <summary>The Channels service with <c>Channels__Repository=Redis</c>.</summary>
public sealed class ChannelsInRedis(SharedApplication shared) : IAsyncLifetime
{
    public RedisInstance Redis { get; private set; } = null!;

    public ChannelsApplication Application { get; } = new(shared);

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisInstance.StartNewAsync(RedisInstance.Durable);
        await Application.StartAsync(("Channels:Repository", "Redis"), ("Redis:Url", Redis.Address.ToString()), ("Redis:CommandTimeout", "00:00:01"));
    }

    public async ValueTask DisposeAsync()
    {
        await Application.DisposeAsync();
        await Redis.DisposeAsync();
    }
}

[CollectionDefinition(RedisChannelsTests.Collection)]
public sealed class ChannelsInRedisCollection : ICollectionFixture<ChannelsInRedis>;

[Collection(Collection)]
public sealed class RedisChannelsTests(ChannelsInRedis channels)
{
    public const string Collection = "Channels in Redis";

    [Fact]
    public async Task A_channel_in_redis_lives_as_one_in_the_database_and_outlives_its_server()
    {
        var service = channels.Application;
        using var person = service.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK", "Rivers");
        (await person.OutcomeAsync(person.SayAsync(channel, "Rivers carry water.", id: "msg_1"))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
        (await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/pause")).ShouldBe(HttpStatusCode.OK);
        (await service.PublishedAsync<ChannelRegistered>(person.UserId)).ShouldHaveSingleItem().ChannelId.ShouldBe(IdOf(channel));
        (await service.PublishedAsync<ChannelMessageReceived>(person.UserId)).ShouldHaveSingleItem().ChannelName.ShouldBe("Rivers");
        (await service.App.QueryAsync<long>("channels", $"select count(*) from channels where user_id = '{person.UserId}'")).ShouldBe(0);

        await channels.Redis.KillAsync();
        (await person.StatusAsync(HttpMethod.Get, $"channels/{IdOf(channel)}")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/resume")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await person.StatusAsync(HttpMethod.Get, "/health/ready")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        await channels.Redis.StartAsync();
        await Eventually.TrueAsync(async () => await person.StatusAsync(HttpMethod.Get, $"channels/{IdOf(channel)}") == HttpStatusCode.OK, "the channel is there again");
        (await person.GetAsync($"channels/{IdOf(channel)}/history"))["items"]!.AsArray().Count.ShouldBe(2, "what was refused did not happen");

        await service.App.DeliverAsync(new UserDeleted(person.UserId, 2), times: 2);
        (await person.StatusAsync(HttpMethod.Get, $"channels/{IdOf(channel)}")).ShouldBe(HttpStatusCode.NotFound);
        (await channels.Redis.CommandAsync("--scan", "--pattern", $"*{IdOf(channel)}*")).ShouldBe("");
        (await channels.Redis.CommandAsync("--scan", "--pattern", $"*{person.UserId}*")).ShouldBe("");
    }
}
