using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Identity;
using Mneme.Platform.Security;
using static Mneme.IntegrationTests.Channels.ChannelsApi;

namespace Mneme.IntegrationTests.Channels;

[Collection(ChannelsTests.Name)]
public sealed class ChannelsPersonalDataTests(ChannelsApplication channels)
{
    [Fact]
    public async Task The_export_holds_channels_histories_and_messages_and_no_secret()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK", "Rivers");
        await person.OutcomeAsync(person.SayAsync(channel, "Rivers carry water."));
        await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/pause");
        var export = (await ExportAsync(person.UserId)).ShouldNotBeNull();
        var exported = export["channels"]!.AsArray().ShouldHaveSingleItem()!;
        exported["name"]!.GetValue<string>().ShouldBe("Rivers");
        exported["history"]!.AsArray().Select(h => h!["change"]!.GetValue<string>()).ShouldBe(["registered", "paused"]);
        exported["messages"]!.AsArray().ShouldHaveSingleItem()!["text"]!.GetValue<string>().ShouldBe("Rivers carry water.");
        export.ToJsonString().ShouldNotContain(SecretOf(channel));
        (await ExportAsync(Guid.NewGuid())).ShouldBeNull();
    }

    [Fact]
    public async Task A_person_who_left_is_erased_however_often_it_is_said_and_others_are_not()
    {
        using var person = channels.NewPerson();
        using var other = channels.NewPerson();
        var webhook = await person.RegisterAsync("WEBHOOK");
        await person.RegisterAsync("RSS", url: "https://feeds.example.org/rivers");
        var others = await other.RegisterAsync("WEBHOOK");
        await person.OutcomeAsync(person.SayAsync(webhook, "Rivers carry water."));
        await other.OutcomeAsync(other.SayAsync(others, "Lakes hold water."));

        await channels.App.DeliverAsync(new UserDeleted(person.UserId, 2), times: 50);
        (await ExportAsync(person.UserId)).ShouldBeNull();
        foreach (var table in new[] { "channels", "messages", "message_keys", "feeds" })
            (await channels.App.QueryAsync<long>("channels", $"select count(*) from {table} where user_id = $1", person.UserId)).ShouldBe(0, table);
        (await channels.App.QueryAsync<long>("channels", "select count(*) from channel_events where channel_id = $1", IdOf(webhook))).ShouldBe(0);
        (await person.OutcomeAsync(person.SayAsync(webhook, "Too late"))).Code.ShouldBe(HttpStatusCode.Unauthorized);
        (await other.MessagesAsync(others)).ShouldBe(["Lakes hold water."]);
    }

    [Fact]
    public async Task Nothing_stays_of_what_is_delivered_while_the_channel_is_deleted()
    {
        using var person = channels.NewPerson();
        var channel = await person.RegisterAsync("WEBHOOK");
        var deliveries = Enumerable.Range(0, 20).Select(i => person.OutcomeAsync(person.SayAsync(channel, $"Message {i}", id: $"msg_{i}"))).ToList();
        (await person.StatusAsync(HttpMethod.Delete, $"channels/{IdOf(channel)}")).ShouldBe(HttpStatusCode.NoContent);
        (await Task.WhenAll(deliveries)).ShouldAllBe(o => o.Code == HttpStatusCode.OK || o.Code == HttpStatusCode.Unauthorized || o.Code == HttpStatusCode.TooManyRequests);
        (await channels.App.QueryAsync<long>("channels", "select count(*) from messages where channel_id = $1", IdOf(channel))).ShouldBe(0);
        (await channels.App.QueryAsync<long>("channels", "select count(*) from message_keys where channel_id = $1", IdOf(channel))).ShouldBe(0);
    }

    private async Task<JsonNode?> ExportAsync(Guid userId)
    {
        await using var scope = channels.App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredKeyedService<IPersonalData>("channels").ExportAsync(userId, TestContext.Current.CancellationToken);
    }
}
