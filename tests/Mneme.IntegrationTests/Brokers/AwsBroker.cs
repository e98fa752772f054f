using Mneme.IntegrationTests.Aws;

namespace Mneme.IntegrationTests.Brokers;

/// <summary>EventBridge and SQS, as the stand-in has them.</summary>
public sealed class AwsBroker : IBroker, IAsyncLifetime
{
    public AwsStandIn Aws { get; } = new();

    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Messaging:Backend"] = "aws",
        ["Aws:EndpointUrl"] = Aws.Address.ToString(),
        ["Aws:Region"] = AwsStandIn.Region,
        ["Aws:RequestTimeout"] = "00:00:02",
        ["Aws:PublishTimeout"] = "00:00:03",
        ["Aws:WaitTime"] = "00:00:01",
        ["Aws:VisibilityTimeout"] = "00:00:06",
    };

    public async ValueTask InitializeAsync() => await StartAsync();

    public Task PrepareAsync(string prefix, IReadOnlyList<string> topics) => Task.CompletedTask;

    public Task SettleAsync() => Task.CompletedTask;

    public Task KillAsync() => Aws.KillAsync();

    public Task StartAsync() => Aws.StartAsync();

    public void Freeze() => Aws.Freeze();

    public void Thaw() => Aws.Thaw();

    public Task DisconnectAllAsync()
    {
        Aws.DisconnectAll();
        return Task.CompletedTask;
    }

    // EventBridge refuses what is not JSON: it can only come past it.
    public Task PublishRawAsync(string prefix, string topic, string type, string body)
    {
        Aws.Queues.Enqueue($"{prefix}-probe", body);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> UnreadableAsync(string prefix) => Task.FromResult(Aws.Queues.Bodies($"{prefix}-unreadable"));

    public ValueTask DisposeAsync() => Aws.DisposeAsync();
}
