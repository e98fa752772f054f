using Mneme.Channels;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Channels;

/// <summary>The Channels service alone; what it publishes is kept here.</summary>
public sealed class ChannelsApplication(SharedApplication shared) : IAsyncLifetime
{
    /// <summary>Small, so that tests can reach it.</summary>
    public const int MaxChannelsPerUser = 6;

    /// <inheritdoc cref="MaxChannelsPerUser"/>
    public const int MaxChannelsPerType = 4;

    /// <inheritdoc cref="MaxChannelsPerUser"/>
    public const int MaxMessagesPerDay = 5;

    /// <inheritdoc cref="MaxChannelsPerUser"/>
    public const int MaxDeliveryBytes = 20_000;

    private readonly PublishedEvents _published = new("channels");

    public TestApplication App { get; private set; } = null!;

    public ValueTask InitializeAsync() => StartAsync([]);

    /// <summary>Starts with more settings.</summary>
    internal async ValueTask StartAsync(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Channels:MaxChannelsPerUser"] = MaxChannelsPerUser.ToString(),
            ["Channels:MaxChannelsPerType"] = MaxChannelsPerType.ToString(),
            ["Channels:MaxMessagesPerDay"] = MaxMessagesPerDay.ToString(),
            ["Channels:MaxDeliveryBytes"] = MaxDeliveryBytes.ToString(),
        };
        foreach (var (key, value) in settings)
            all[key] = value;
        App = await TestApplication.StartAsync(shared.Postgres, settings: all, services: [new ChannelsService()], customize: _published.Record);
    }

    internal ChannelsApi NewPerson() => new(App);

    /// <summary>What was published about a person, in order; waits until there are as many.</summary>
    internal Task<List<TEvent>> PublishedAsync<TEvent>(Guid userId, int count = 1)
        where TEvent : class, IIntegrationEvent => _published.OfAsync<TEvent>(userId, count);

    /// <summary>Waits until everything that was committed so far is published.</summary>
    internal Task OutboxEmptyAsync() => Eventually.TrueAsync(async () => await App.QueryAsync<long>("channels", "select count(*) from outbox") == 0, "the outbox drains");

    internal List<TEvent> PublishedSoFar<TEvent>(Guid userId)
        where TEvent : class, IIntegrationEvent => _published.Of<TEvent>(e => e.PartitionKey == userId);

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class ChannelsTests : ICollectionFixture<ChannelsApplication>
{
    public const string Name = "Channels";
}
