using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Ai;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Ai;

/// <summary>The application with a provider's stand-in, and short limits.</summary>
public sealed class AiApplication : IAsyncDisposable
{
    private AiApplication(TestApplication app, ModelStandIn provider, IDialect dialect) => (App, Provider, Dialect) = (app, provider, dialect);

    public TestApplication App { get; }

    public ModelStandIn Provider { get; }

    public IDialect Dialect { get; }

    public static async Task<AiApplication> StartAsync(PostgresServer postgres, IDialect dialect, params (string Name, string Value)[] settings)
    {
        var provider = await ModelStandIn.StartAsync(dialect);
        var all = dialect.Settings(provider.Address);
        // Longer than any test waits while it holds an answer back: on a busy machine a call must not be given up before the test lets go.
        all["Ai:CallTimeout"] = "00:01:00";
        all["Ai:RetryDelay"] = "00:00:00.002";
        all["Ai:BreakerThroughput"] = "1000";
        foreach (var (name, value) in settings)
            all["Ai:" + name] = value;
        return new AiApplication(await TestApplication.StartAsync(postgres, settings: all), provider, dialect);
    }

    public static GenerateFlashcards Request(Guid userId, string? key = null, string text = Material.Text, int? count = null) =>
        new(userId, key ?? Guid.NewGuid().ToString(), text, "en", null, count);

    public async Task<Outcome<GeneratedFlashcards>> AskAsync(GenerateFlashcards request, CancellationToken ct = default)
    {
        await using var scope = App.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = "study";
        return await scope.ServiceProvider.GetRequiredService<IAsk>().Ask(request, ct);
    }

    /// <summary>Tokens of a user today: spent, reserved.</summary>
    public async Task<(long Spent, long Reserved)> TokensAsync(Guid owner) => (
        await App.QueryAsync<long>("ai", "select coalesce(sum(spent_tokens), 0)::bigint from budget_days where owner_id = $1", owner),
        await App.QueryAsync<long>("ai", "select coalesce(sum(reserved_tokens), 0)::bigint from budget_days where owner_id = $1", owner));

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Provider.DisposeAsync();
    }
}

/// <summary>One application for the tests of a provider that need no settings of their own.</summary>
public sealed class AiApplicationFixture<TDialect>(SharedApplication shared) : IAsyncLifetime
    where TDialect : IDialect, new()
{
    public AiApplication Ai { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Ai = await AiApplication.StartAsync(shared.Postgres, new TDialect());

    public ValueTask DisposeAsync() => Ai.DisposeAsync();
}
