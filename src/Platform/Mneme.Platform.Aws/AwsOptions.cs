using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Aws;

public sealed class AwsOptions : IOptionsSection
{
    public static string Section => "Aws";

    [Description("Region, such as eu-central-1. If it is not set: AWS_REGION, or that of the profile. Credentials come from where AWS's own tools look for them: AWS_ACCESS_KEY_ID, profile, web identity, container, machine.")]
    [RegularExpression("[a-z0-9-]{1,40}", ErrorMessage = "must be a region's name, such as eu-central-1.")]
    public string? Region { get; set; }

    [Description("Address of every service, for LocalStack and the like; AWS's own if it is not set.")]
    public Uri? EndpointUrl { get; set; }

    [Description("Time limit for one request; a long poll has its own time on top.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How often a request is tried that was throttled or met a failure of AWS's.")]
    [Range(1, 10)]
    public int MaxAttempts { get; set; } = 4;

    [Description("Name of the event bus; Messaging__Prefix if it is not set.")]
    [RegularExpression("[.A-Za-z0-9_-]{1,256}", ErrorMessage = "must be 1 to 256 letters, digits, dots, hyphens and underscores.")]
    public string? EventBus { get; set; }

    [Description("Whether bus, queues and rules are created when they are missing; false if Terraform or CDK makes them.")]
    public bool CreateTopology { get; set; } = true;

    [Description("FIFO queues: copies of an event within five minutes are dropped, and events of one type are handled one after another. Standard queues if false.")]
    public bool Fifo { get; set; }

    [Description("How long a batch has until EventBridge confirmed every event; beyond it the batch is published again.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(20);

    [Description("How many long polls of a consumer wait for events at a time.")]
    [Range(1, 10)]
    public int Pollers { get; set; } = 2;

    [Description("How long a long poll waits.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:00:20")]
    public TimeSpan WaitTime { get; set; } = TimeSpan.FromSeconds(20);

    [Description("After this time without a sign of life from whoever holds an event, SQS gives it to another instance. It is extended while the event is handled.")]
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan VisibilityTimeout { get; set; } = TimeSpan.FromMinutes(1);

    // The last resort: events that nobody survives handling are buried by the consumer long before (Messaging__MaxDeliveries, at most 100).
    [Description("How often SQS delivers an event before its redrive policy moves it to the queue of the dead.")]
    [Range(110, 1000)]
    public int MaxReceiveCount { get; set; } = 1000;

    [Description("ARN of an SNS topic that is told when events become dead letters, at most once a minute.")]
    [RegularExpression("arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}", ErrorMessage = "must be the ARN of a standard SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME.")]
    public string? AlertTopic { get; set; }
}
