using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mneme.IntegrationTests.Aws;

/// <summary>SQS: standard and FIFO queues, visibility timeouts by a clock, receive counts, redrive, the limits of batches.</summary>
public sealed partial class StandInQueues(TimeProvider time, Uri address)
{
    private const int MaxSize = 1024 * 1024;

    private static readonly TimeSpan Deduplication = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, StandInQueue> _queues = new(StringComparer.Ordinal);
    private readonly Lock _turn = new();

    public static string Arn(string name) => $"arn:aws:sqs:{AwsStandIn.Region}:{AwsStandIn.Account}:{name}";

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_turn)
                return [.. _queues.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Bodies of all messages of a queue, visible or not.</summary>
    public IReadOnlyList<string> Bodies(string name)
    {
        lock (_turn)
            return _queues.TryGetValue(name, out var queue) ? [.. queue.Messages.Select(message => message.Body)] : [];
    }

    public IReadOnlyDictionary<string, string> Attributes(string name)
    {
        lock (_turn)
            return new Dictionary<string, string>(_queues[name].Attributes, StringComparer.Ordinal);
    }

    public void Delete(string name)
    {
        lock (_turn)
            _queues.Remove(name);
    }

    /// <summary>Puts a message into a queue, past its permissions.</summary>
    public void Enqueue(string name, string body, string? group = null)
    {
        lock (_turn)
            Add(_queues[name], body, group, deduplicationId: null);
    }

    /// <summary>Puts a message into a queue as EventBridge does.</summary>
    /// <returns>Why it may not; null if it did.</returns>
    internal string? Deliver(string queueArn, string ruleArn, string body, string? group)
    {
        lock (_turn)
        {
            var queue = _queues.Values.FirstOrDefault(queue => Arn(queue.Name) == queueArn);
            if (queue is null)
                return "NO_RESOURCE";
            if (!Allows(queue, ruleArn))
                return "NO_PERMISSIONS";
            Add(queue, body, group, deduplicationId: null);
            return null;
        }
    }

    internal async Task<JsonObject> AnswerAsync(string operation, JsonObject request, AwsFault? fault, CancellationToken ct)
    {
        if (operation == "ReceiveMessage")
            return await ReceiveAsync(request, ct);
        lock (_turn)
        {
            return operation switch
            {
                "CreateQueue" => Create(request),
                "GetQueueUrl" => new JsonObject { ["QueueUrl"] = Url(Named(request["QueueName"]!.GetValue<string>())) },
                "GetQueueAttributes" => AttributesOf(Addressed(request), request),
                "SetQueueAttributes" => SetAttributes(Addressed(request), request),
                "SendMessage" => Send(Addressed(request), request),
                "DeleteMessageBatch" => Batch(request, fault, entry => Addressed(request).Delete(entry["ReceiptHandle"]!.GetValue<string>())),
                "ChangeMessageVisibilityBatch" => Batch(
                    request, fault, entry => Addressed(request).ChangeVisibility(entry["ReceiptHandle"]!.GetValue<string>(), time.GetUtcNow(), TimeSpan.FromSeconds(entry["VisibilityTimeout"]!.GetValue<int>()))),
                _ => throw new AwsRefusalException("InvalidAction", $"The action {operation} is not valid for this endpoint."),
            };
        }
    }

    private JsonObject Create(JsonObject request)
    {
        var name = request["QueueName"]!.GetValue<string>();
        var attributes = request["Attributes"]?.AsObject().ToDictionary(a => a.Key, a => a.Value!.GetValue<string>(), StringComparer.Ordinal) ?? [];
        if (!QueueName().IsMatch(name) || name.EndsWith(".fifo", StringComparison.Ordinal) != (attributes.GetValueOrDefault("FifoQueue") == "true"))
            throw new AwsRefusalException("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length, .fifo for a FIFO queue");
        if (_queues.TryGetValue(name, out var queue))
        {
            return attributes.All(attribute => queue.Attributes.GetValueOrDefault(attribute.Key) == attribute.Value)
                ? new JsonObject { ["QueueUrl"] = Url(queue) }
                : throw new AwsRefusalException("QueueNameExists", "A queue already exists with the same name and a different value for an attribute");
        }

        Check(name, attributes);
        _queues[name] = queue = new StandInQueue(name, attributes);
        return new JsonObject { ["QueueUrl"] = Url(queue) };
    }

    private JsonObject SetAttributes(StandInQueue queue, JsonObject request)
    {
        var attributes = request["Attributes"]!.AsObject().ToDictionary(a => a.Key, a => a.Value!.GetValue<string>(), StringComparer.Ordinal);
        if (attributes.ContainsKey("FifoQueue"))
            throw new AwsRefusalException("InvalidAttributeName", "Unknown Attribute FifoQueue.");
        Check(queue.Name, attributes);
        foreach (var (name, value) in attributes)
            queue.Attributes[name] = value;
        return [];
    }

    private void Check(string name, Dictionary<string, string> attributes)
    {
        if (attributes.GetValueOrDefault("RedrivePolicy") is not { } redrive)
            return;
        var policy = JsonNode.Parse(redrive)!;
        var dead = policy["deadLetterTargetArn"]!.GetValue<string>();
        var count = int.Parse(policy["maxReceiveCount"]!.ToString(), CultureInfo.InvariantCulture);
        if (count is < 1 or > 1000 || !_queues.Keys.Any(queue => Arn(queue) == dead) || dead.EndsWith(".fifo", StringComparison.Ordinal) != name.EndsWith(".fifo", StringComparison.Ordinal))
            throw new AwsRefusalException("InvalidParameterValue", $"Value {redrive} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist, or is of another kind.");
    }

    private static JsonObject AttributesOf(StandInQueue queue, JsonObject request)
    {
        var wanted = request["AttributeNames"]!.AsArray().Select(name => name!.GetValue<string>()).ToList();
        var all = new Dictionary<string, string>(queue.Attributes, StringComparer.Ordinal) { ["QueueArn"] = Arn(queue.Name) };
        return new JsonObject { ["Attributes"] = new JsonObject(all.Where(a => wanted.Contains(a.Key) || wanted.Contains("All")).Select(a => KeyValuePair.Create<string, JsonNode?>(a.Key, a.Value))) };
    }

    private JsonObject Send(StandInQueue queue, JsonObject request)
    {
        var body = request["MessageBody"]!.GetValue<string>();
        if (Encoding.UTF8.GetByteCount(body) > MaxSize)
            throw new AwsRefusalException("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.");
        var group = request["MessageGroupId"]?.GetValue<string>();
        if (queue.IsFifo && group is null)
            throw new AwsRefusalException("MissingParameter", "The request must contain the parameter MessageGroupId.");
        Add(queue, body, group, request["MessageDeduplicationId"]?.GetValue<string>());
        return new JsonObject { ["MessageId"] = Guid.NewGuid().ToString(), ["MD5OfMessageBody"] = Md5(body) };
    }

    private void Add(StandInQueue queue, string body, string? group, string? deduplicationId)
    {
        var now = time.GetUtcNow();
        if (queue.IsFifo)
        {
            deduplicationId ??= queue.Attributes.GetValueOrDefault("ContentBasedDeduplication") == "true"
                ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))
                : throw new AwsRefusalException("InvalidParameterValue", "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
            if (queue.Deduplication.TryGetValue(deduplicationId, out var before) && now - before < Deduplication)
                return;
            queue.Deduplication[deduplicationId] = now;
        }

        queue.Messages.Add(new StandInMessage(body, group, now));
    }

    private async Task<JsonObject> ReceiveAsync(JsonObject request, CancellationToken ct)
    {
        var max = request["MaxNumberOfMessages"]?.GetValue<int>() ?? 1;
        var wait = request["WaitTimeSeconds"]?.GetValue<int>() ?? 0;
        if (max is < 1 or > 10 || wait is < 0 or > 20)
            throw new AwsRefusalException("InvalidParameterValue", "MaxNumberOfMessages must be between 1 and 10, WaitTimeSeconds between 0 and 20.");
        var visibility = TimeSpan.FromSeconds(request["VisibilityTimeout"]?.GetValue<int>() ?? 30);
        var until = TimeProvider.System.GetUtcNow().AddSeconds(wait);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        do
        {
            lock (_turn)
            {
                ct.ThrowIfCancellationRequested();
                var messages = Take(Addressed(request), max, visibility);
                if (messages.Count > 0)
                    return new JsonObject { ["Messages"] = new JsonArray([.. messages.Select(message => Json(message, request))]) };
            }
        }
        while (TimeProvider.System.GetUtcNow() < until && await timer.WaitForNextTickAsync(ct));

        return [];
    }

    private List<StandInMessage> Take(StandInQueue queue, int max, TimeSpan visibility)
    {
        var now = time.GetUtcNow();
        var policy = queue.Attributes.GetValueOrDefault("RedrivePolicy") is { } redrive ? JsonNode.Parse(redrive)! : null;
        var limit = policy is null ? int.MaxValue : int.Parse(policy["maxReceiveCount"]!.ToString(), CultureInfo.InvariantCulture);
        var taken = new List<StandInMessage>();
        // In a FIFO queue a group with a message in flight waits.
        var busy = queue.IsFifo ? queue.Messages.Where(message => message.IsInFlight(now)).Select(message => message.Group).ToHashSet(StringComparer.Ordinal) : [];
        foreach (var message in queue.Messages.Where(message => !message.IsInFlight(now) && !busy.Contains(message.Group)).Take(max).ToList())
        {
            if (message.ReceiveCount >= limit)
            {
                queue.Messages.Remove(message);
                _queues.Values.Single(dead => Arn(dead.Name) == policy!["deadLetterTargetArn"]!.GetValue<string>()).Messages.Add(message);
                continue;
            }

            message.ReceiveCount++;
            message.VisibleAt = now + visibility;
            message.Receipt = Guid.NewGuid().ToString();
            taken.Add(message);
        }

        return taken;
    }

    private static JsonObject Json(StandInMessage message, JsonObject request)
    {
        var json = new JsonObject { ["MessageId"] = message.Id, ["ReceiptHandle"] = message.Receipt, ["MD5OfBody"] = Md5(message.Body), ["Body"] = message.Body };
        if (request["MessageSystemAttributeNames"]?.AsArray().Any(name => name!.GetValue<string>() is "ApproximateReceiveCount" or "All") == true)
            json["Attributes"] = new JsonObject { ["ApproximateReceiveCount"] = message.ReceiveCount.ToString(CultureInfo.InvariantCulture) };
        return json;
    }

    private static JsonObject Batch(JsonObject request, AwsFault? fault, Func<JsonNode, string?> act)
    {
        var entries = request["Entries"]!.AsArray();
        if (entries.Count == 0)
            throw new AwsRefusalException("EmptyBatchRequest", "There should be at least one entry in the request.");
        if (entries.Count > 10)
            throw new AwsRefusalException("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.");
        if (entries.Select(entry => entry!["Id"]!.GetValue<string>()).Distinct(StringComparer.Ordinal).Count() != entries.Count)
            throw new AwsRefusalException("BatchEntryIdsNotDistinct", "Id repeated.");
        var (successful, failed) = (new JsonArray(), new JsonArray());
        for (var i = 0; i < entries.Count; i++)
        {
            var id = entries[i]!["Id"]!.GetValue<string>();
            if (fault?.FailingEntries.Contains(i) == true)
                failed.Add(new JsonObject { ["Id"] = id, ["Code"] = fault.Refusal!.Code, ["Message"] = fault.Refusal.Message, ["SenderFault"] = fault.Refusal.Status < 500 });
            else if (act(entries[i]!) is { } code)
                failed.Add(new JsonObject { ["Id"] = id, ["Code"] = code, ["Message"] = "The receipt handle is not in flight.", ["SenderFault"] = true });
            else
                successful.Add(new JsonObject { ["Id"] = id });
        }

        return new JsonObject { ["Successful"] = successful, ["Failed"] = failed };
    }

    private static bool Allows(StandInQueue queue, string ruleArn) =>
        queue.Attributes.GetValueOrDefault("Policy") is { } policy && JsonNode.Parse(policy)!["Statement"]!.AsArray().Any(statement =>
            statement!["Effect"]!.GetValue<string>() == "Allow" && statement["Principal"]!["Service"]!.GetValue<string>() == "events.amazonaws.com"
            && statement["Action"]!.GetValue<string>() == "sqs:SendMessage" && statement["Resource"]!.GetValue<string>() == Arn(queue.Name)
            && statement["Condition"]!["ArnLike"]!["aws:SourceArn"]!.GetValue<string>() is var pattern
            && (pattern.EndsWith('*') ? ruleArn.StartsWith(pattern[..^1], StringComparison.Ordinal) : ruleArn == pattern));

    private StandInQueue Addressed(JsonObject request) => Named(request["QueueUrl"]!.GetValue<string>().Split('/')[^1]);

    private StandInQueue Named(string name) =>
        _queues.TryGetValue(name, out var queue) ? queue : throw new AwsRefusalException("QueueDoesNotExist", "The specified queue does not exist.");

    private string Url(StandInQueue queue) => new Uri(address, queue.Name).ToString();

#pragma warning disable CA5351 // SQS sends it.
    private static string Md5(string body) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(body)));
#pragma warning restore CA5351

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,75}(\.fifo)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex QueueName();
}
