using System.Globalization;
using Mneme.Platform.Aws.Client;

namespace Mneme.Platform.Aws.Events;

/// <summary>SQS's operations that are used here, over AWS JSON 1.0 (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/).</summary>
internal sealed class SqsClient(AwsClient client)
{
    /// <summary>How many messages one request may concern.</summary>
    public const int MaxBatch = 10;

    private sealed record QueueAddress(string QueueUrl);

    private sealed record QueueAttributes(Dictionary<string, string>? Attributes);

    private sealed record Received(IReadOnlyList<ReceivedMessage>? Messages);

    private sealed record BatchAnswer(IReadOnlyList<BatchFailure>? Failed);

    /// <returns>Its address.</returns>
    /// <exception cref="AwsException">Code <c>QueueNameExists</c>: it is there, with other attributes.</exception>
    public async Task<string> CreateAsync(string name, IReadOnlyDictionary<string, string> attributes, CancellationToken ct) =>
        (await AskAsync<QueueAddress>("CreateQueue", new { QueueName = name, Attributes = attributes }, ct)).QueueUrl;

    public async Task<string> UrlAsync(string name, CancellationToken ct) => (await AskAsync<QueueAddress>("GetQueueUrl", new { QueueName = name }, ct)).QueueUrl;

    public async Task<QueueArn> ArnAsync(string url, CancellationToken ct)
    {
        var answer = await AskAsync<QueueAttributes>("GetQueueAttributes", new { QueueUrl = url, AttributeNames = new[] { "QueueArn" } }, ct);
        return QueueArn.Parse(answer.Attributes!["QueueArn"]);
    }

    public Task SetAttributesAsync(string url, IReadOnlyDictionary<string, string> attributes, CancellationToken ct) =>
        TellAsync("SetQueueAttributes", new { QueueUrl = url, Attributes = attributes }, ct);

    public Task SendAsync(string url, string body, string? group, IReadOnlyDictionary<string, string>? attributes, CancellationToken ct) => TellAsync(
        "SendMessage",
        new
        {
            QueueUrl = url,
            MessageBody = body,
            MessageGroupId = group,
            MessageAttributes = attributes?.ToDictionary(a => a.Key, a => new { DataType = "String", StringValue = a.Value }, StringComparer.Ordinal),
        },
        ct);

    /// <summary>Takes up to <see cref="MaxBatch"/> messages; waits for the first.</summary>
    /// <param name="url">The queue.</param>
    /// <param name="visibility">How long nobody else is given them.</param>
    /// <param name="wait">At most 20 s.</param>
    /// <param name="ct">Gives up waiting.</param>
    public async Task<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string url, TimeSpan visibility, TimeSpan wait, CancellationToken ct)
    {
        var call = Call("ReceiveMessage", new
        {
            QueueUrl = url,
            MaxNumberOfMessages = MaxBatch,
            VisibilityTimeout = (int)visibility.TotalSeconds,
            WaitTimeSeconds = (int)wait.TotalSeconds,
            MessageSystemAttributeNames = new[] { "ApproximateReceiveCount" },
        });
        // An answer that is lost holds messages back for the visibility timeout: whoever asks decides about that.
        return (await client.SendAsync<Received>(call with { Wait = wait, IsTriedOnce = true }, ct)).Messages ?? [];
    }

    /// <returns>What could not be deleted.</returns>
    public async Task<IReadOnlyList<BatchFailure>> DeleteAsync(string url, IReadOnlyList<string> receipts, CancellationToken ct)
    {
        var entries = receipts.Select((receipt, i) => new { Id = Id(i), ReceiptHandle = receipt });
        return (await AskAsync<BatchAnswer>("DeleteMessageBatch", new { QueueUrl = url, Entries = entries }, ct)).Failed ?? [];
    }

    /// <summary>Keeps messages for so long from now on, or gives them back with zero. Those that are not ours any more are passed over.</summary>
    public Task ChangeVisibilityAsync(string url, IReadOnlyList<string> receipts, TimeSpan visibility, CancellationToken ct) => TellAsync(
        "ChangeMessageVisibilityBatch",
        new { QueueUrl = url, Entries = receipts.Select((receipt, i) => new { Id = Id(i), ReceiptHandle = receipt, VisibilityTimeout = (int)visibility.TotalSeconds }) },
        ct);

    private static string Id(int i) => i.ToString(CultureInfo.InvariantCulture);

    private Task<TAnswer> AskAsync<TAnswer>(string operation, object request, CancellationToken ct) => client.SendAsync<TAnswer>(Call(operation, request), ct);

    private Task TellAsync(string operation, object request, CancellationToken ct) => client.SendAsync(Call(operation, request), ct);

    private static AwsCall Call(string operation, object request) => AwsCall.Json(AwsService.Sqs, "AmazonSQS." + operation, "1.0", request);
}

/// <summary>A message as SQS delivers it.</summary>
internal sealed record ReceivedMessage(string MessageId, string ReceiptHandle, string Body, IReadOnlyDictionary<string, string>? Attributes);

/// <summary>One entry of a batch that failed.</summary>
/// <param name="Id">Its place in the batch, from 0.</param>
/// <param name="Code">The error's name.</param>
/// <param name="Message">What SQS says.</param>
/// <param name="SenderFault">Whether it would fail again.</param>
internal sealed record BatchFailure(string Id, string Code, string? Message, bool SenderFault);
