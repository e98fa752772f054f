using Mneme.Platform.Aws.Client;

namespace Mneme.Platform.Aws.Events;

/// <summary>EventBridge's operations that are used here, over AWS JSON 1.1 (https://docs.aws.amazon.com/eventbridge/latest/APIReference/).</summary>
internal sealed class EventBridgeClient(AwsClient client)
{
    private sealed record RulePage(IReadOnlyList<string>? RuleNames, string? NextToken);

    private sealed record TargetsAnswer(int FailedEntryCount, IReadOnlyList<TargetFailure>? FailedEntries);

    private sealed record TargetFailure(string TargetId, string ErrorCode, string? ErrorMessage);

    private sealed record PutAnswer(int FailedEntryCount, IReadOnlyList<PutResult> Entries);

    /// <summary>Creates the bus unless it is there.</summary>
    public async Task CreateBusAsync(string name, CancellationToken ct)
    {
        try
        {
            await client.SendAsync(Call("CreateEventBus", new { Name = name }), ct);
        }
        catch (AwsException e) when (e.Code == "ResourceAlreadyExistsException")
        {
            // As it should be.
        }
    }

    /// <summary>The rules that bring events to a queue.</summary>
    public async Task<IReadOnlySet<string>> RulesToAsync(string bus, QueueArn queue, CancellationToken ct)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        string? token = null;
        do
        {
            var page = await client.SendAsync<RulePage>(Call("ListRuleNamesByTarget", new { TargetArn = queue.ToString(), EventBusName = bus, NextToken = token }), ct);
            names.UnionWith(page.RuleNames ?? []);
            token = page.NextToken;
        }
        while (token is { Length: > 0 });

        return names;
    }

    public Task PutRuleAsync(string bus, string name, string pattern, CancellationToken ct) =>
        client.SendAsync(Call("PutRule", new { Name = name, EventBusName = bus, EventPattern = pattern, State = "ENABLED" }), ct);

    /// <summary>Makes a queue a rule's target. It is given the event that we published, without EventBridge's envelope around it.</summary>
    /// <param name="bus">The bus of the rule.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="group">The message group, for a FIFO queue; the same for every event of the rule.</param>
    /// <param name="undelivered">The queue for what cannot be delivered within a day.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="AwsException">EventBridge refused it.</exception>
    public async Task PutTargetAsync(string bus, string rule, QueueArn queue, string? group, QueueArn undelivered, CancellationToken ct)
    {
        var call = Call("PutTargets", new
        {
            Rule = rule,
            EventBusName = bus,
            Targets = new[]
            {
                new
                {
                    Id = "queue",
                    Arn = queue.ToString(),
                    InputPath = "$.detail",
                    SqsParameters = group is null ? null : new { MessageGroupId = group },
                    DeadLetterConfig = new { Arn = undelivered.ToString() },
                    RetryPolicy = new { MaximumRetryAttempts = 185, MaximumEventAgeInSeconds = 86_400 },
                },
            },
        });
        var answer = await client.SendAsync<TargetsAnswer>(call, ct);
        if (answer.FailedEntryCount > 0)
            throw AwsException.Refused(call, 200, answer.FailedEntries?[0].ErrorCode ?? "no error code", $"{answer.FailedEntries?[0].ErrorMessage} (rule {rule})");
    }

    /// <returns>What became of each entry, in their order.</returns>
    public async Task<IReadOnlyList<PutResult>> PutEventsAsync(IReadOnlyList<EventEntry> entries, CancellationToken ct)
    {
        var answer = await client.SendAsync<PutAnswer>(Call("PutEvents", new { Entries = entries }), ct);
        return answer.Entries.Count == entries.Count
            ? answer.Entries
            : throw new AwsException($"EventBridge answered {answer.Entries.Count} results for {entries.Count} events.");
    }

    /// <summary>As an error of the whole, for what EventBridge says of one entry.</summary>
    public static AwsException Refusal(PutResult result) => AwsException.Refused(Call("PutEvents", new { }), 200, result.ErrorCode!, result.ErrorMessage ?? "it gave no reason.");

    private static AwsCall Call(string operation, object request) => AwsCall.Json(AwsService.EventBridge, "AWSEvents." + operation, "1.1", request);
}

/// <summary>What became of one event.</summary>
/// <param name="EventId">EventBridge's id of it, if it took it.</param>
/// <param name="ErrorCode">Why it did not.</param>
/// <param name="ErrorMessage">What it says.</param>
internal sealed record PutResult(string? EventId, string? ErrorCode, string? ErrorMessage);
