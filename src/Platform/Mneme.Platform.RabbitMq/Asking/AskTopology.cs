using Mneme.Platform.Messaging;
using RabbitMQ.Client;

namespace Mneme.Platform.RabbitMq.Asking;

/// <summary>
/// What asks need on the broker: an exchange for requests with a queue for each service that is asked, and another one for replies, so that no reply address can lead into a service's queue.
/// </summary>
internal sealed class AskTopology(MessagingOptions messaging)
{
    // Long enough for a restart of the broker, after which nobody has it yet.
    private const int UnusedQueueMilliseconds = 60_000;

    public string Requests => $"{messaging.Prefix}.ask";

    public string Replies => $"{messaging.Prefix}.ask-replies";

    public string Queue(string service) => $"{Requests}.{service}";

    public async Task DeclareAsync(IChannel channel, CancellationToken ct)
    {
        await channel.ExchangeDeclareAsync(Requests, ExchangeType.Direct, durable: true, autoDelete: false, cancellationToken: ct);
        await channel.ExchangeDeclareAsync(Replies, ExchangeType.Direct, durable: true, autoDelete: false, cancellationToken: ct);
    }

    /// <summary>
    /// A service's queue. It goes with its last consumer, so that a request that nobody would take comes back at once. Classic, because requests live for seconds and are not worth a majority's disks; durable, because
    /// shared queues that are not are on their way out of RabbitMQ; expiring, because after a restart of the broker it is there without anybody who would delete it.
    /// </summary>
    public async Task DeclareQueueAsync(IChannel channel, string service, CancellationToken ct)
    {
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "classic", ["x-expires"] = UnusedQueueMilliseconds };
        await channel.QueueDeclareAsync(Queue(service), durable: true, exclusive: false, autoDelete: true, arguments, cancellationToken: ct);
        await channel.QueueBindAsync(Queue(service), Requests, service, cancellationToken: ct);
    }

    /// <summary>
    /// This process' queue for replies, for as long as the connection lives. Not the broker's direct reply-to: that address is known only once the broker has put it into the request, so the asker could not sign it.
    /// </summary>
    /// <returns>Its address: a name that nobody guesses.</returns>
    public async Task<string> DeclareReplyQueueAsync(IChannel channel, CancellationToken ct)
    {
        var address = Guid.NewGuid().ToString("n");
        var queue = ReplyQueue(address);
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "classic" }, cancellationToken: ct);
        await channel.QueueBindAsync(queue, Replies, address, cancellationToken: ct);
        return address;
    }

    public string ReplyQueue(string address) => $"{Replies}.{address}";
}
