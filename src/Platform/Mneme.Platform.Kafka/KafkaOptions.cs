using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Kafka;

/// <summary>How connections to the brokers are protected: Kafka's <c>security.protocol</c>.</summary>
public enum KafkaSecurity
{
    Plaintext,
    Ssl,
    SaslPlaintext,
    SaslSsl,
}

/// <summary>How a password is proven: those of Kafka's <c>sasl.mechanism</c> that need nothing else.</summary>
public enum KafkaMechanism
{
    Plain,
    ScramSha256,
    ScramSha512,
}

public sealed class KafkaOptions : IOptionsSection
{
    public static string Section => "Kafka";

    [Description("Brokers to ask for the others, host:port separated by commas.")]
    [Required]
    public string Servers { get; set; } = "localhost:9092";

    [Description("Whether missing topics are created at start. Without it an operator creates them (docs/transports/kafka.md).")]
    public bool CreateTopics { get; set; } = true;

    [Description("Partitions of a topic that is created: at most as many instances of a service share its events.")]
    [Range(1, 1000)]
    public int Partitions { get; set; } = 12;

    [Description("Copies of each partition of a topic that is created; 0 for the brokers' default. With 3 and more, a write needs two of them.")]
    [Range(0, 9)]
    public int Replicas { get; set; }

    [Description("How long topics that are created keep events. A service that is away for longer loses some.")]
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(14);

    [Description("How many events a consumer holds before it lets the brokers wait.")]
    [Range(1, 10_000)]
    public int Prefetch { get; set; } = 400;

    [Description("How long the brokers have to confirm a batch; beyond it the batch is published again.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("After which silence of an instance the others take its events over. The brokers bound it (group.min.session.timeout.ms).")]
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("How connections to the brokers are protected.")]
    public KafkaSecurity SecurityProtocol { get; set; } = KafkaSecurity.Plaintext;

    [Description("How the password is proven, with SaslPlaintext and SaslSsl.")]
    public KafkaMechanism SaslMechanism { get; set; } = KafkaMechanism.ScramSha512;

    [Description("User, with SaslPlaintext and SaslSsl.")]
    public string? User { get; set; }

    [Description("The user's password.")]
    [Secret]
    public string? Password { get; set; }

    [Description("File with the certificates (PEM) that the brokers' are signed by; empty for the system's.")]
    public string? CaFile { get; set; }

    [Description("File with the certificate (PEM) that this program shows to the brokers, where they ask for one.")]
    public string? CertificateFile { get; set; }

    [Description("File with the key (PEM) of that certificate.")]
    public string? KeyFile { get; set; }
}
