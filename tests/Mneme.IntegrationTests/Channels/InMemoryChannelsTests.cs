using System.Net;
using Mneme.Contracts.Channels;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using static Mneme.IntegrationTests.Channels.ChannelsApi;

namespace Mneme.IntegrationTests.Channels;

/// <summary>With <c>Channels__Repository=InMemory</c> everything works the same; PostgreSQL holds messages and events only.</summary>
public sealed class InMemoryChannelsTests(SharedApplication shared)
{
    [Fact]
    public async Task A_channel_in_memory_lives_as_one_in_the_database()
    {
        await using var channels = new ChannelsApplication(shared);
        await channels.StartAsync(("Channels:Repository", "InMemory"));
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK", "Rivers");
        (await person.OutcomeAsync(person.SayAsync(channel, "Rivers carry water.", id: "msg_1"))).ShouldBe((HttpStatusCode.OK, "RECEIVED"));
        (await person.OutcomeAsync(person.SayAsync(channel, "Rivers carry water.", id: "msg_1"))).ShouldBe((HttpStatusCode.OK, "DUPLICATE"));
        (await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/pause")).ShouldBe(HttpStatusCode.OK);
        (await person.GetAsync($"channels/{IdOf(channel)}/history"))["items"]!.AsArray().Count.ShouldBe(2);
        (await channels.PublishedAsync<ChannelRegistered>(person.UserId)).ShouldHaveSingleItem().ChannelId.ShouldBe(IdOf(channel));
        (await channels.PublishedAsync<ChannelMessageReceived>(person.UserId)).ShouldHaveSingleItem().ChannelName.ShouldBe("Rivers");
        (await channels.App.QueryAsync<long>("channels", "select count(*) from channels")).ShouldBe(0);

        await channels.App.DeliverAsync(new UserDeleted(person.UserId, 2), times: 2);
        (await person.StatusAsync(HttpMethod.Get, $"channels/{IdOf(channel)}")).ShouldBe(HttpStatusCode.NotFound);
        (await channels.App.QueryAsync<long>("channels", "select count(*) from messages")).ShouldBe(0);
    }
}
