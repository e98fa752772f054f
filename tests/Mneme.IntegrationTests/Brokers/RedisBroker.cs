namespace Mneme.IntegrationTests.Brokers;

/// <summary>A Redis that keeps every write before it confirms it.</summary>
public sealed class RedisBroker : IBroker, IAsyncLifetime
{
    public RedisInstance Instance { get; private set; } = null!;

    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Messaging:Backend"] = "redis",
        ["Redis:Url"] = Instance.Address.ToString(),
        ["Redis:CommandTimeout"] = "00:00:02",
        ["Redis:ConfirmTimeout"] = "00:00:03",
        ["Redis:ClaimAfter"] = "00:00:03",
    };

    public async ValueTask InitializeAsync() => Instance = await RedisInstance.StartNewAsync(RedisInstance.Durable);

    public Task PrepareAsync(string prefix, IReadOnlyList<string> topics) => Task.CompletedTask;

    // Groups are written to the disk like every other command, before they are confirmed.
    public Task SettleAsync() => Task.CompletedTask;

    public Task KillAsync() => Instance.KillAsync();

    public Task StartAsync() => Instance.StartAsync();

    public void Freeze() => Instance.Freeze();

    public void Thaw() => Instance.Thaw();

    public Task DisconnectAllAsync() => Instance.CommandAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

    // Only what every group has acknowledged is removed: this one never reads.
    public Task KeepAsync(string prefix, string topic) => Instance.CommandAsync("XGROUP", "CREATE", $"{prefix}.{topic}", "kept", "0");

    public Task ReplayAsync(string prefix, string topic, string consumer) => Instance.CommandAsync("XGROUP", "SETID", $"{prefix}.{topic}", consumer, "0");

    public Task PublishRawAsync(string prefix, string topic, string type, string body) => Instance.CommandAsync("XADD", $"{prefix}.{topic}", "*", "event", body);

    public async Task<IReadOnlyList<string>> UnreadableAsync(string prefix) =>
        [.. (await Instance.JsonAsync("XRANGE", $"{prefix}.unreadable", "-", "+")).EnumerateArray().Select(entry => entry[1].EnumerateArray().Last().GetString()!)];

    public ValueTask DisposeAsync() => Instance.DisposeAsync();
}
