using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Kafka;

/// <summary>
/// What is declared on the brokers: a topic for each family of events, and one for what is no event. Groups need no declaration: one that was never there begins with the
/// oldest event. Every process declares what it has to do with; a topic that exists stays as it is.
/// </summary>
internal sealed class KafkaTopics(EventRoutes routes, KafkaProducer producer, MessagingOptions messaging, KafkaOptions options) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isDeclared;

    /// <summary>Where listeners put what is no event.</summary>
    public string Unreadable => $"{messaging.Prefix}.unreadable";

    public string Topic(string topic) => $"{messaging.Prefix}.{topic}";

    public string Group(string consumer) => $"{messaging.Prefix}.{consumer}";

    /// <summary>The topics that a consumer reads.</summary>
    public IReadOnlyList<string> Of(string consumer) => [.. routes.Consumers.Single(route => route.Consumer == consumer).Topics.Select(Topic)];

    /// <summary>Creates what is missing, once in a process.</summary>
    /// <exception cref="IOException">The brokers refused, or did not answer.</exception>
    public async Task DeclareAsync(CancellationToken ct)
    {
        if (_isDeclared || !options.CreateTopics)
            return;
        await _turn.WaitAsync(ct);
        try
        {
            if (_isDeclared)
                return;
            using var admin = new DependentAdminClientBuilder(producer.Handle).Build();
            await admin.CreateTopicsAsync([.. routes.Topics.Select(Topic).Append(Unreadable).Select(Specify)], new CreateTopicsOptions { RequestTimeout = Limit, OperationTimeout = Limit }).WaitAsync(Limit * 2, ct);
            _isDeclared = true;
        }
        catch (CreateTopicsException e)
        {
            var failures = e.Results.Where(result => result.Error.IsError && result.Error.Code != ErrorCode.TopicAlreadyExists).Select(result => $"{result.Topic}: {result.Error.Reason}").ToList();
            if (failures.Count > 0)
                throw Refused(string.Join("; ", failures), e);
            _isDeclared = true;
        }
        catch (Exception e) when (e is KafkaException or TimeoutException)
        {
            throw Refused(e.Message, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private TopicSpecification Specify(string name)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = ((long)options.Retention.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        };
        if (options.Replicas >= 3)
            settings["min.insync.replicas"] = "2";
        return new TopicSpecification { Name = name, NumPartitions = options.Partitions, ReplicationFactor = (short)(options.Replicas == 0 ? -1 : options.Replicas), Configs = settings };
    }

    private static IOException Refused(string reason, Exception cause) =>
        new($"Kafka did not create the topics: {reason}. Where this user may not, create them beforehand and set Kafka__CreateTopics=false.", cause);

    public void Dispose() => _turn.Dispose();
}
