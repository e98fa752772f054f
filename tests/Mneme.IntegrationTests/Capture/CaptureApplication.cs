using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Capture;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security;

namespace Mneme.IntegrationTests.Capture;

/// <summary>
/// The application with nobody learning from what is captured: the events that captures publish are kept here, so that only the tests answer them.
/// </summary>
public sealed class CaptureApplication(SharedApplication shared) : IAsyncLifetime
{
    /// <summary>Small, so that tests can reach it.</summary>
    public const int MaxBytesPerUser = 1_000_000;

    /// <inheritdoc cref="MaxBytesPerUser"/>
    public const int MaxPendingPagesPerUser = 3;

    private readonly PublishedEvents _published = new("capture");

    public TestApplication App { get; private set; } = null!;

    internal StandInSite Site { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Site.StartAsync();
        App = await TestApplication.StartAsync(shared.Postgres, settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Capture:MaxBytesPerUser"] = MaxBytesPerUser.ToString(),
            ["Capture:MaxPendingPagesPerUser"] = MaxPendingPagesPerUser.ToString(),
            ["Capture:PrivateHosts"] = $"{StandInSite.Host}:{Site.Port}",
        }, customize: _published.Record);
    }

    internal CaptureApi NewPerson() => new(App);

    /// <summary>What was published about a capture, in order of publication; waits until there are as many.</summary>
    internal async Task<IReadOnlyList<TEvent>> PublishedAsync<TEvent>(Guid captureId, int count)
        where TEvent : class, IIntegrationEvent
    {
        List<TEvent> found = [];
        await Eventually.TrueAsync(() => Task.FromResult((found = _published.Of<TEvent>(e => CaptureOf(e) == captureId)).Count >= count), $"{count} {typeof(TEvent).Name} of {captureId}");
        return found;
    }

    internal int PublishedSoFar<TEvent>(Guid captureId)
        where TEvent : class, IIntegrationEvent => _published.Of<TEvent>(e => CaptureOf(e) == captureId).Count;

    /// <summary>What the service tells a person that it holds of them.</summary>
    internal async Task<JsonNode?> ExportAsync(Guid userId)
    {
        await using var scope = App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredKeyedService<IPersonalData>("capture").ExportAsync(userId, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Site.DisposeAsync();
    }

    private static Guid CaptureOf(IIntegrationEvent e) => e switch
    {
        ContentCaptured captured => captured.CaptureId,
        ContentDeleted deleted => deleted.CaptureId,
        _ => Guid.Empty,
    };
}

[CollectionDefinition(Name)]
public sealed class CaptureTests : ICollectionFixture<CaptureApplication>
{
    public const string Name = "Capture";
}
