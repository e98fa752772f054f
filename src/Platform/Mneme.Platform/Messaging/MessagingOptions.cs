using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Messaging;

public enum HeavyJobPlace
{
    Child,
    Here,
}

public sealed class MessagingOptions : IOptionsSection
{
    public static string Section => "Messaging";

    public const string InProcess = "inprocess";

    [Description("How events travel between services: inprocess, aws, kafka, rabbitmq, redis. MESSAGING_BACKEND sets it too.")]
    [AllowedValues(InProcess, "aws", "kafka", "rabbitmq", "redis", ErrorMessage = "must be one of inprocess, aws, kafka, rabbitmq, redis.")]
    public string Backend { get; set; } = InProcess;

    [Description("Begins the names of everything that is declared on a broker, so that several installations can share one.")]
    [RegularExpression("[a-z0-9][a-z0-9-]{0,39}", ErrorMessage = "must be 1 to 40 lower-case letters, digits and hyphens.")]
    public string Prefix { get; set; } = "mneme";

    [Description("How often a broker may deliver an event that nobody survives handling before it becomes a dead letter.")]
    [Range(2, 100)]
    public int MaxDeliveries { get; set; } = 10;

    [Description("How many events a relay claims and a consumer handles in one transaction.")]
    [Range(1, 1000)]
    public int BatchSize { get; set; } = 200;

    [Description("How long a busy relay gathers events before it claims the next batch.")]
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(8);

    [Description("How often relays, retries and jobs look for what a crash or another instance left behind.")]
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    // Shorter than the database's limit for idle transactions (Databases): a handler that hangs is to be cancelled, not cut off with its batch.
    [Description("Time limit for handling one event, or one batch of them; beyond it the delivery has failed.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:00:25")]
    public TimeSpan HandlingTimeout { get; set; } = TimeSpan.FromSeconds(20);

    [Description("How often a failed delivery is tried before it becomes a dead letter.")]
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 6;

    [Description("Delay before the first retry of a failed delivery; it grows fivefold each time, with jitter, to at most ten minutes.")]
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    [Description("Where jobs that burn CPU run: Child, a process of the lowest priority, or Here, beside everything else.")]
    public HeavyJobPlace HeavyJobs { get; set; } = HeavyJobPlace.Child;

    [Description("How long handled events are remembered for deduplication.")]
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(45);
}
