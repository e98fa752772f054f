using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Mneme.Platform.Aws.Client;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Aws.Events;

/// <summary>
/// What is declared: a bus, a queue for each consumer, a rule for each type of event that a consumer wants, and three queues for operators. Declaring what is there
/// already changes nothing, so every process declares what it has to do with, once.
/// </summary>
internal sealed class AwsTopology(SqsClient sqs, EventBridgeClient bridge, AwsNames names, EventRoutes routes, AwsOptions options) : IDisposable
{
    /// <summary>The longest that SQS keeps a message: 14 days, in seconds.</summary>
    private const string Retention = "1209600";

    private readonly ConcurrentDictionary<string, string> _urls = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile bool _isDeclared;

    /// <exception cref="AwsException">It could not be declared; the next call tries again.</exception>
    public async Task EnsureAsync(CancellationToken ct)
    {
        if (_isDeclared)
            return;
        await _turn.WaitAsync(ct);
        try
        {
            if (_isDeclared)
                return;
            if (options.CreateTopology)
                await DeclareAsync(ct);
            _isDeclared = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Has it declared anew: something was missing.</summary>
    public void Forget()
    {
        _isDeclared = false;
        _urls.Clear();
    }

    /// <summary>A queue's address.</summary>
    /// <exception cref="AwsException">There is no such queue.</exception>
    public async Task<string> UrlAsync(string queue, CancellationToken ct) =>
        _urls.TryGetValue(queue, out var known) ? known : _urls[queue] = await sqs.UrlAsync(queue, ct);

    private async Task DeclareAsync(CancellationToken ct)
    {
        if (names.Bus != "default")
            await bridge.CreateBusAsync(names.Bus, ct);
        await CreateAsync(names.Unreadable, [], ct);
        var here = await sqs.ArnAsync(_urls[names.Unreadable], ct);
        var undelivered = here with { Name = names.Undelivered };
        var dead = here with { Name = names.Dead };
        await CreateAsync(names.Undelivered, new() { ["Policy"] = names.Policy(undelivered) }, ct);
        await CreateAsync(names.Dead, [], ct);
        foreach (var route in routes.Consumers)
            await DeclareAsync(route, here with { Name = names.Queue(route.Consumer) }, dead, undelivered, ct);
    }

    private async Task DeclareAsync(ConsumerRoute route, QueueArn queue, QueueArn dead, QueueArn undelivered, CancellationToken ct)
    {
        var redrive = new { deadLetterTargetArn = dead.ToString(), maxReceiveCount = options.MaxReceiveCount.ToString(CultureInfo.InvariantCulture) };
        await CreateAsync(queue.Name, new() { ["Policy"] = names.Policy(queue), ["RedrivePolicy"] = JsonSerializer.Serialize(redrive) }, ct);
        // A rule that has the queue for its target is complete: the target comes last.
        var complete = await bridge.RulesToAsync(names.Bus, queue, ct);
        foreach (var type in route.Types.Select(type => type.Name).Where(type => !complete.Contains(names.Rule(route.Consumer, type))))
        {
            var rule = names.Rule(route.Consumer, type);
            await bridge.PutRuleAsync(names.Bus, rule, names.Pattern(type), ct);
            await bridge.PutTargetAsync(names.Bus, rule, queue, Group(type), undelivered, ct);
        }
    }

    /// <summary>The message group of a type's events, for FIFO queues. EventBridge knows no group by event: it is the rule's.</summary>
    public string? Group(string eventType) => options.Fifo ? eventType : null;

    private async Task CreateAsync(string name, Dictionary<string, string> attributes, CancellationToken ct)
    {
        attributes["MessageRetentionPeriod"] = Retention;
        if (name.EndsWith(".fifo", StringComparison.Ordinal))
        {
            attributes["FifoQueue"] = "true";
            // The content is the CloudEvent with its id, so that copies of an event have the same.
            attributes["ContentBasedDeduplication"] = "true";
        }

        try
        {
            _urls[name] = await sqs.CreateAsync(name, attributes, ct);
        }
        catch (AwsException e) when (e.Code is "QueueNameExists" or "QueueAlreadyExists")
        {
            // Declared by another version, or with another setting: the latest counts.
            attributes.Remove("FifoQueue");
            _urls[name] = await sqs.UrlAsync(name, ct);
            await sqs.SetAttributesAsync(_urls[name], attributes, ct);
        }
    }

    public void Dispose() => _turn.Dispose();
}
