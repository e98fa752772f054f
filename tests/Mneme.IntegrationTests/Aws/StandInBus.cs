using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Mneme.IntegrationTests.Aws;

/// <summary>EventBridge: buses, rules by source and type, SQS targets with queue policies, undeliverable events.</summary>
public sealed partial class StandInBus(StandInQueues queues)
{
    private const int MaxSize = 256 * 1024;

    // Small, so that lists have several pages.
    private const int PageSize = 2;

    private readonly Dictionary<string, Dictionary<string, StandInRule>> _buses = new(StringComparer.Ordinal) { ["default"] = new(StringComparer.Ordinal) };
    private readonly Lock _turn = new();

    public IReadOnlyList<string> Rules(string bus)
    {
        lock (_turn)
            return [.. _buses[bus].Keys.Order(StringComparer.Ordinal)];
    }

    internal JsonObject Answer(string operation, JsonObject request, AwsFault? fault)
    {
        lock (_turn)
        {
            return operation switch
            {
                "CreateEventBus" => Create(Text(request, "Name")),
                "PutRule" => PutRule(request),
                "PutTargets" => PutTargets(request),
                "ListRuleNamesByTarget" => RulesByTarget(request),
                "PutEvents" => PutEvents(request, fault),
                _ => throw new AwsRefusalException("UnknownOperationException", operation),
            };
        }
    }

    private JsonObject Create(string name) => _buses.TryAdd(name, new(StringComparer.Ordinal))
        ? new JsonObject { ["EventBusArn"] = $"arn:aws:events:{AwsStandIn.Region}:{AwsStandIn.Account}:event-bus/{name}" }
        : throw new AwsRefusalException("ResourceAlreadyExistsException", $"Event bus {name} already exists.");

    private JsonObject PutRule(JsonObject request)
    {
        var name = Text(request, "Name");
        if (!RuleName().IsMatch(name))
            throw new AwsRefusalException("ValidationException", "Member must satisfy regular expression pattern and length at most 64.");
        var pattern = JsonNode.Parse(Text(request, "EventPattern"))!.AsObject();
        if (pattern.Any(member => member.Value is not JsonArray))
            throw new AwsRefusalException("InvalidEventPatternException", "Event pattern is not valid. Reason: a match value must be an array.");
        var rules = BusOf(request);
        rules[name] = new StandInRule(pattern, rules.GetValueOrDefault(name)?.Targets ?? []);
        return new JsonObject { ["RuleArn"] = Arn(BusName(request), name) };
    }

    private JsonObject PutTargets(JsonObject request)
    {
        if (!BusOf(request).TryGetValue(Text(request, "Rule"), out var rule))
            throw new AwsRefusalException("ResourceNotFoundException", $"Rule {request["Rule"]} does not exist on EventBus {BusName(request)}.");
        var failed = new JsonArray();
        foreach (var target in request["Targets"]!.AsArray())
        {
            if (Text(target!, "Arn").EndsWith(".fifo", StringComparison.Ordinal) && target!["SqsParameters"]?["MessageGroupId"] is null)
                failed.Add(new JsonObject { ["TargetId"] = Text(target, "Id"), ["ErrorCode"] = "ValidationException", ["ErrorMessage"] = "Parameter MessageGroupId must be specified for FIFO queue." });
            else
                rule.Targets[Text(target!, "Id")] = target!.DeepClone();
        }

        return new JsonObject { ["FailedEntryCount"] = failed.Count, ["FailedEntries"] = failed };
    }

    private JsonObject RulesByTarget(JsonObject request)
    {
        var arn = Text(request, "TargetArn");
        var from = int.Parse(request["NextToken"]?.GetValue<string>() ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        var names = BusOf(request).Where(rule => rule.Value.Targets.Values.Any(target => Text(target, "Arn") == arn)).Select(rule => rule.Key).Order(StringComparer.Ordinal).ToList();
        var answer = new JsonObject { ["RuleNames"] = new JsonArray([.. names.Skip(from).Take(PageSize).Select(name => JsonValue.Create(name))]) };
        if (names.Count > from + PageSize)
            answer["NextToken"] = (from + PageSize).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return answer;
    }

    private JsonObject PutEvents(JsonObject request, AwsFault? fault)
    {
        var entries = request["Entries"]!.AsArray();
        if (entries.Count is < 1 or > 10)
            throw new AwsRefusalException("ValidationException", "1 validation error detected: Member must have length less than or equal to 10.");
        if (entries.Sum(entry => Size(entry!)) > MaxSize)
            throw new AwsRefusalException("ValidationException", "Total size of the entries in the request is over the limit.");
        var results = new JsonArray();
        for (var i = 0; i < entries.Count; i++)
        {
            var (code, message) = fault?.FailingEntries.Contains(i) == true ? (fault.Refusal!.Code, fault.Refusal.Message) : Put(entries[i]!);
            results.Add(code is null ? new JsonObject { ["EventId"] = Guid.NewGuid().ToString() } : new JsonObject { ["ErrorCode"] = code, ["ErrorMessage"] = message });
        }

        return new JsonObject { ["FailedEntryCount"] = results.Count(result => result!["ErrorCode"] is not null), ["Entries"] = results };
    }

    private (string? Code, string Message) Put(JsonNode entry)
    {
        if (Text(entry, "Source").StartsWith("aws.", StringComparison.Ordinal))
            return ("NotAuthorizedForSourceException", "Not authorized for the source.");
        if (!_buses.TryGetValue(Text(entry, "EventBusName"), out var rules))
            return ("ResourceNotFoundException", "Event bus does not exist.");
        JsonObject detail;
        try
        {
            detail = JsonNode.Parse(Text(entry, "Detail"))!.AsObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ("MalformedDetail", "Detail is malformed.");
        }

        foreach (var (name, rule) in rules.Where(rule => Matches(rule.Value.Pattern, entry)))
            Deliver(Arn(Text(entry, "EventBusName"), name), rule, detail);
        return (null, "");
    }

    private void Deliver(string ruleArn, StandInRule rule, JsonObject detail)
    {
        foreach (var target in rule.Targets.Values)
        {
            // Only what our rules ask for: the event without its envelope.
            Text(target, "InputPath").ShouldBe("$.detail");
            var body = detail.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            if (queues.Deliver(Text(target, "Arn"), ruleArn, body, target["SqsParameters"]?["MessageGroupId"]?.GetValue<string>()) is not null && target["DeadLetterConfig"]?["Arn"] is { } dead)
                queues.Deliver(dead.GetValue<string>(), ruleArn, body, group: null);
        }
    }

    private static bool Matches(JsonObject pattern, JsonNode entry) => pattern.All(member => member.Value!.AsArray().Any(value => value!.GetValue<string>() == member.Key switch
    {
        "source" => Text(entry, "Source"),
        "detail-type" => Text(entry, "DetailType"),
        _ => throw new AwsRefusalException("InvalidEventPatternException", $"The stand-in does not know {member.Key}."),
    }));

    private static int Size(JsonNode entry) =>
        (entry["Time"] is null ? 0 : 14) + new[] { "Source", "DetailType", "Detail" }.Sum(name => Encoding.UTF8.GetByteCount(Text(entry, name)));

    private Dictionary<string, StandInRule> BusOf(JsonObject request) => _buses.TryGetValue(BusName(request), out var rules)
        ? rules
        : throw new AwsRefusalException("ResourceNotFoundException", $"Event bus {BusName(request)} does not exist.");

    private static string BusName(JsonObject request) => request["EventBusName"]?.GetValue<string>() ?? "default";

    private static string Arn(string bus, string rule) => $"arn:aws:events:{AwsStandIn.Region}:{AwsStandIn.Account}:rule/{(bus == "default" ? "" : bus + "/")}{rule}";

    private static string Text(JsonNode node, string name) => node[name]?.GetValue<string>() ?? throw new AwsRefusalException("ValidationException", $"{name} is missing.");

    [GeneratedRegex(@"^[.A-Za-z0-9_-]{1,64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex RuleName();
}

internal sealed record StandInRule(JsonObject Pattern, Dictionary<string, JsonNode> Targets);
