using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Mneme.Contracts.Channels;
using Mneme.IntegrationTests.Capture;
using Mneme.IntegrationTests.Support;
using static Mneme.IntegrationTests.Channels.ChannelsApi;

namespace Mneme.IntegrationTests.Channels;

/// <summary>Feeds of a site on loopback, with an application of its own, because its clock is moved.</summary>
public sealed class ReadFeedTests(SharedApplication shared) : IAsyncLifetime
{
    private readonly ChannelsApplication _channels = new(shared);
    private readonly StandInSite _site = new();
    private readonly List<(string? IfNoneMatch, string? IfModifiedSince)> _asked = [];

    private string _feed = "";
    private string? _eTag;
    private int _status = StatusCodes.Status200OK;

    public async ValueTask InitializeAsync()
    {
        await _site.StartAsync();
        await _channels.StartAsync(("Channels:PrivateHosts", $"{StandInSite.Host}:{_site.Port}"), ("Channels:MaxMessagesPerDay", "8"));
    }

    [Fact]
    public async Task Of_a_new_feed_the_newest_entries_are_received_and_later_whatever_is_new()
    {
        using var person = _channels.NewPerson();
        Publish("\"one\"", 5, 4, 3, 2, 1);
        var channel = await RegisterAsync(person);
        await ReadAsync(person, channel);
        (await person.MessagesAsync(channel)).Order().ShouldBe(["Entry 3", "Entry 4", "Entry 5"]);

        Publish("\"two\"", 7, 6, 5, 4, 3, 2, 1);
        await AgainAsync(person, channel);
        (await person.MessagesAsync(channel)).Order().ShouldBe(["Entry 3", "Entry 4", "Entry 5", "Entry 6", "Entry 7"]);
        (await _channels.PublishedAsync<ChannelMessageReceived>(person.UserId, 5)).Select(m => (m.ChannelType, m.Url)).ShouldAllBe(m => m.ChannelType == "RSS" && m.Url!.StartsWith("https://example.org/"));
    }

    [Fact]
    public async Task What_did_not_change_is_not_sent_again()
    {
        using var person = _channels.NewPerson();
        Publish("W/\"one\"", 1);
        var channel = await RegisterAsync(person);
        await ReadAsync(person, channel);
        await AgainAsync(person, channel);
        await AgainAsync(person, channel);
        _asked.ShouldBe([(null, null), ("W/\"one\"", "Sat, 28 Mar 2026 12:00:00 GMT"), ("W/\"one\"", "Sat, 28 Mar 2026 12:00:00 GMT")]);
        (await person.MessagesAsync(channel)).ShouldBe(["Entry 1"]);
        (await person.GetAsync($"channels/{IdOf(channel)}"))["feed"]!["failure"].ShouldBeNull();
    }

    [Fact]
    public async Task A_feed_that_fails_says_why_waits_longer_and_recovers()
    {
        using var person = _channels.NewPerson();
        _status = StatusCodes.Status404NotFound;
        var channel = await RegisterAsync(person);
        var feed = await FailureAsync(person, channel);
        feed["failure"]!.GetValue<string>().ShouldContain("does not exist");
        feed["readAt"].ShouldBeNull();
        (feed["nextReadAt"]!.GetValue<DateTimeOffset>() - _channels.App.Clock.GetUtcNow()).ShouldBeInRange(TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(61));

        (_status, _feed) = (StatusCodes.Status200OK, "<html/>");
        await ResumeAsync(person, channel);
        await Eventually.TrueAsync(async () => (await FailureAsync(person, channel))["failure"]!.GetValue<string>().Contains("neither RSS nor Atom", StringComparison.Ordinal), "it is no feed");

        Publish("\"one\"", 1);
        await ResumeAsync(person, channel);
        await ReadAsync(person, channel);
        (await person.MessagesAsync(channel)).ShouldBe(["Entry 1"]);
        (await person.GetAsync($"channels/{IdOf(channel)}"))["feed"]!["failure"].ShouldBeNull();
    }

    [Fact]
    public async Task A_paused_feed_is_not_asked()
    {
        using var person = _channels.NewPerson();
        Publish("\"one\"", 1);
        var channel = await RegisterAsync(person);
        await ReadAsync(person, channel);
        await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/pause");
        var asked = _site.Requests;
        _channels.App.Clock.Advance(TimeSpan.FromMinutes(31));
        await Eventually.TrueAsync(
            async () => await _channels.App.QueryAsync<bool>("channels", "select due_at > $1 and not exists (select from jobs where kind = 'read-feed') from feeds", _channels.App.Clock.GetUtcNow()),
            "the feed was due, and the job is done");
        _site.Requests.ShouldBe(asked);
    }

    [Fact]
    public async Task What_is_beyond_a_days_messages_comes_the_next_day()
    {
        using var person = _channels.NewPerson();
        Publish("\"one\"", 1);
        var channel = await RegisterAsync(person);
        await ReadAsync(person, channel);
        Publish("\"two\"", [.. Enumerable.Range(1, 12).Reverse()]);
        await AgainAsync(person, channel);
        (await person.MessagesAsync(channel)).Count.ShouldBe(8);
        await AgainAsync(person, channel, TimeSpan.FromHours(25));
        (await person.MessagesAsync(channel)).Count.ShouldBe(12);
        _asked[^1].IfNoneMatch.ShouldBe("\"one\"");
    }

    [Fact]
    public async Task Messages_are_forgotten_after_their_time_and_a_feeds_entries_are_still_known()
    {
        using var person = _channels.NewPerson();
        Publish("\"one\"", 1);
        var channel = await RegisterAsync(person);
        await ReadAsync(person, channel);
        _channels.App.Clock.Advance(TimeSpan.FromDays(100));
        person.SignInAgain();
        await Eventually.TrueAsync(async () => (await person.MessagesAsync(channel)).Count == 0, "messages are kept for 30 days");
        Publish("\"two\"", 2, 1);
        await AgainAsync(person, channel);
        (await person.MessagesAsync(channel)).ShouldBe(["Entry 2"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _channels.DisposeAsync();
        await _site.DisposeAsync();
    }

    private Task<JsonNode> RegisterAsync(ChannelsApi person) => person.RegisterAsync("RSS", "Rivers", _site.Add(AnswerAsync, "feed").AbsoluteUri);

    private Task AnswerAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        _asked.Add((headers.IfNoneMatch.Count == 0 ? null : headers.IfNoneMatch.ToString(), headers.IfModifiedSince.Count == 0 ? null : headers.IfModifiedSince.ToString()));
        context.Response.StatusCode = _eTag is not null && headers.IfNoneMatch == _eTag ? StatusCodes.Status304NotModified : _status;
        if (context.Response.StatusCode != StatusCodes.Status200OK)
            return Task.CompletedTask;
        context.Response.Headers.ETag = _eTag;
        context.Response.Headers.LastModified = "Sat, 28 Mar 2026 12:00:00 GMT";
        context.Response.ContentType = "application/rss+xml; charset=utf-8";
        return context.Response.WriteAsync(_feed);
    }

    private void Publish(string eTag, params int[] entries) => (_status, _eTag, _feed) = (
        StatusCodes.Status200OK, eTag,
        $"<rss version=\"2.0\"><channel>{string.Concat(entries.Select(i => $"<item><guid>{i}</guid><link>https://example.org/{i}</link><description>Entry {i}</description></item>"))}</channel></rss>");

    /// <summary>Waits until the feed was read, or read again after an instant.</summary>
    private static Task ReadAsync(ChannelsApi person, JsonNode channel, DateTimeOffset? after = null) => Eventually.TrueAsync(
        async () => (await person.GetAsync($"channels/{IdOf(channel)}"))["feed"]!["readAt"]?.GetValue<DateTimeOffset>() is { } readAt && readAt > (after ?? DateTimeOffset.MinValue), "the feed is read");

    private async Task AgainAsync(ChannelsApi person, JsonNode channel, TimeSpan? later = null)
    {
        var before = _channels.App.Clock.GetUtcNow();
        _channels.App.Clock.Advance(later ?? TimeSpan.FromMinutes(31));
        person.SignInAgain();
        await ReadAsync(person, channel, after: before);
    }

    /// <summary>Pausing and resuming reads a feed at once.</summary>
    private static async Task ResumeAsync(ChannelsApi person, JsonNode channel)
    {
        (await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/pause")).ShouldBe(System.Net.HttpStatusCode.OK);
        (await person.StatusAsync(HttpMethod.Post, $"channels/{IdOf(channel)}/resume")).ShouldBe(System.Net.HttpStatusCode.OK);
    }

    private static async Task<JsonNode> FailureAsync(ChannelsApi person, JsonNode channel) =>
        await Eventually.NotNullAsync(async () => (await person.GetAsync($"channels/{IdOf(channel)}"))["feed"] is { } feed && feed["failure"] is not null ? feed : null, "the feed fails");
}
