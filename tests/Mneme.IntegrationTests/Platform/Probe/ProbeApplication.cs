using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform.Probe;

/// <summary>One instance of an application that consists of the probe.</summary>
public sealed class ProbeApplication : IAsyncDisposable
{
    private ProbeApplication(TestApplication app, ProbeControl control) => (App, Control) = (app, control);

    public TestApplication App { get; }

    public ProbeControl Control { get; }

    public static Task<ProbeApplication> StartAsync(SharedApplication shared, string? prefix = null, TestClock? clock = null, params (string Key, string Value)[] settings) =>
        StartAsync(shared.Postgres, prefix, clock, settings);

    public static async Task<ProbeApplication> StartAsync(PostgresServer postgres, string? prefix, TestClock? clock, params (string Key, string Value)[] settings)
    {
        var control = new ProbeControl();
        var all = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Messaging:MaxAttempts"] = "3", ["Messaging:RetryDelay"] = "00:00:00.020" };
        foreach (var (key, value) in settings)
            all[key] = value;
        return new ProbeApplication(await TestApplication.StartAsync(postgres, prefix, all, clock: clock, services: [new ProbeService(control)]), control);
    }

    public async Task<long> EffectsAsync(string label) => await App.QueryAsync<long>("probe", "select count(*) from effects where label = $1", label);

    public async Task<long> CountAsync(string table) => await App.QueryAsync<long>("probe", $"select count(*) from {table}");

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
