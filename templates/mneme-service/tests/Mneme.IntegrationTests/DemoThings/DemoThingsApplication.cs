using Mneme.DemoThings;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.DemoThings;

/// <summary>The service alone; what it publishes is kept here.</summary>
public sealed class DemoThingsApplication(SharedApplication shared) : IAsyncLifetime
{
    /// <summary>Small, so that tests can reach it.</summary>
    public const int MaxPerUser = 7;

    public TestApplication App { get; private set; } = null!;

    internal PublishedEvents Published { get; } = new("demothings");

    public async ValueTask InitializeAsync() => App = await TestApplication.StartAsync(
        shared.Postgres,
        settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["DemoThings:MaxPerUser"] = $"{MaxPerUser}" },
        services: [new DemoThingsService()],
        customize: Published.Record);

    internal DemoThingsApi NewPerson() => new(App);

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class DemoThingsTests : ICollectionFixture<DemoThingsApplication>
{
    public const string Name = "DemoThings";
}
