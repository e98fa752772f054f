using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Aws.Events;

/// <summary>The names of what is declared. SQS allows letters, digits, hyphens and underscores, so that hyphens stand where other brokers have dots.</summary>
internal sealed class AwsNames(MessagingOptions messaging, AwsOptions options)
{
    private const int MaxRule = 64;

    private string Suffix => options.Fifo ? ".fifo" : "";

    public string Bus => options.EventBus is { Length: > 0 } configured ? configured : messaging.Prefix;

    /// <summary>EventBridge's <c>source</c> of every event of this installation.</summary>
    public string Source => messaging.Prefix;

    /// <summary>Where listeners put what is no event.</summary>
    public string Unreadable => $"{messaging.Prefix}-unreadable";

    /// <summary>Where EventBridge puts what it could not bring to a queue within a day.</summary>
    public string Undelivered => $"{messaging.Prefix}-undelivered";

    /// <summary>Where SQS puts what was delivered too often.</summary>
    public string Dead => $"{messaging.Prefix}-dead{Suffix}";

    public string Queue(string consumer) => $"{messaging.Prefix}-{consumer}{Suffix}";

    /// <summary>One rule for each type that a consumer wants: rules are then only ever added, so that an older version of a service does not take from a newer one what it wants more.</summary>
    public string Rule(string consumer, string eventType)
    {
        var name = $"{messaging.Prefix}-{consumer}-{eventType}";
        return name.Length <= MaxRule ? name : $"{name[..(MaxRule - 9)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4))}";
    }

    public string Pattern(string eventType) => JsonSerializer.Serialize(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["source"] = [Source], ["detail-type"] = [eventType] });

    /// <summary>Lets EventBridge, on behalf of this installation's rules alone, put events into a queue.</summary>
    /// <param name="queueArn">The queue.</param>
    public string Policy(QueueArn queueArn) => JsonSerializer.Serialize(new
    {
        Version = "2012-10-17",
        Statement = new[]
        {
            new
            {
                Sid = "EventBridge",
                Effect = "Allow",
                Principal = new { Service = "events.amazonaws.com" },
                Action = "sqs:SendMessage",
                Resource = queueArn.ToString(),
                Condition = new { ArnLike = new Dictionary<string, string>(StringComparer.Ordinal) { ["aws:SourceArn"] = queueArn.Rules(Bus, messaging.Prefix) } },
            },
        },
    });
}

/// <summary><c>arn:aws:sqs:REGION:ACCOUNT:NAME</c>.</summary>
internal sealed record QueueArn(string Partition, string Region, string Account, string Name)
{
    /// <exception cref="FormatException">It is none.</exception>
    public static QueueArn Parse(string arn) => arn.Split(':') is ["arn", var partition, "sqs", var region, var account, var name]
        ? new QueueArn(partition, region, account, name)
        : throw new FormatException($"'{arn}' is not the ARN of an SQS queue.");

    /// <summary>All of an installation's rules, as a pattern of ARNs.</summary>
    public string Rules(string bus, string prefix) => $"arn:{Partition}:events:{Region}:{Account}:rule/{(bus == "default" ? "" : bus + "/")}{prefix}-*";

    public override string ToString() => $"arn:{Partition}:sqs:{Region}:{Account}:{Name}";
}
