using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.RabbitMq;

public sealed class RabbitMqOptions : IOptionsSection
{
    public static string Section => "RabbitMq";

    [Description("Address of the broker: amqp://user:password@host:5672/vhost, or amqps:// for TLS. Several hosts: RabbitMq__Hosts.")]
    [Secret]
    public Uri Url { get; set; } = new("amqp://guest:guest@localhost:5672/");

    [Description("Further nodes of the cluster, host:port separated by commas; a connection takes any that answers.")]
    public string Hosts { get; set; } = "";

    [Description("How many unacknowledged messages, each of up to fifty events, a consumer may hold.")]
    [Range(1, 10_000)]
    public int Prefetch { get; set; } = 100;

    [Description("How many messages may wait for the broker's confirmation at a time.")]
    [Range(1, 10_000)]
    public int ConfirmWindow { get; set; } = 500;

    [Description("How long the broker has to confirm a batch; beyond it the batch is published again.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(10);

    // The last resort: events that nobody survives handling are buried by the consumer long before (Messaging__MaxDeliveries).
    [Description("How often a queue delivers an event before the broker moves it to the queue of the dead. Fixed when a queue is declared first.")]
    [Range(20, 100_000)]
    public int DeliveryLimit { get; set; } = 1000;
}
