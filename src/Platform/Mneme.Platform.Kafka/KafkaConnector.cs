using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Kafka;

/// <summary>Makes clients of the brokers. They connect, and reconnect, by themselves.</summary>
internal sealed partial class KafkaConnector(KafkaOptions options, ILogger<KafkaConnector> logger)
{
    public static TimeSpan StatisticsInterval { get; } = TimeSpan.FromSeconds(2);

    public IProducer<string, string> CreateProducer()
    {
        var config = new ProducerConfig
        {
            // Confirmed means that every replica in sync has it; the brokers drop what a client sends them again.
            EnableIdempotence = true,
            Acks = Acks.All,
            MessageTimeoutMs = (int)options.ConfirmTimeout.TotalMilliseconds,
            // Relays gather batches already.
            LingerMs = 1,
            CompressionType = CompressionType.Lz4,
            // As clients in other languages divide.
            Partitioner = Partitioner.Murmur2Random,
        };
        Protect(config);
        return new ProducerBuilder<string, string>(config).SetLogHandler((_, message) => Log(message)).SetErrorHandler((_, error) => LogTrouble(error.Reason)).Build();
    }

    /// <param name="group">The consumer group.</param>
    /// <param name="configure">Adds the handlers of who uses it.</param>
    public IConsumer<string, string> CreateConsumer(string group, Action<ConsumerBuilder<string, string>> configure)
    {
        var config = new ConsumerConfig
        {
            GroupId = group,
            // Only partitions that move are interrupted when an instance comes or goes.
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            // What was published before the group ever existed waits for it.
            AutoOffsetReset = AutoOffsetReset.Earliest,
            // Committed in the background, but only what is stored, and that is what was handled.
            EnableAutoCommit = true,
            EnableAutoOffsetStore = false,
            AutoCommitIntervalMs = 1000,
            SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
            HeartbeatIntervalMs = (int)Math.Min(3000, options.SessionTimeout.TotalMilliseconds / 3),
            MaxPollIntervalMs = Math.Max(300_000, (int)options.SessionTimeout.TotalMilliseconds),
            // A moment's supply per partition; more would only be thrown away at each rebalance.
            QueuedMinMessages = 2000,
            QueuedMaxMessagesKbytes = 4096,
            FetchErrorBackoffMs = 200,
            StatisticsIntervalMs = (int)StatisticsInterval.TotalMilliseconds,
            AllowAutoCreateTopics = false,
        };
        Protect(config);
        var builder = new ConsumerBuilder<string, string>(config).SetLogHandler((_, message) => Log(message));
        configure(builder);
        return builder.Build();
    }

    private void Protect(ClientConfig config)
    {
        config.BootstrapServers = options.Servers;
        config.ClientId = $"mneme-{Environment.MachineName}-{Environment.ProcessId}";
        // The library's own maximum, 10 s, would be what a recovery waits for.
        config.ReconnectBackoffMs = 100;
        config.ReconnectBackoffMaxMs = 1000;
        config.SocketTimeoutMs = 10_000;
        config.SocketConnectionSetupTimeoutMs = 5000;
        config.SocketKeepaliveEnable = true;
        config.TopicMetadataRefreshFastIntervalMs = 250;
        config.LogConnectionClose = false;
        config.SecurityProtocol = options.SecurityProtocol switch
        {
            KafkaSecurity.Ssl => SecurityProtocol.Ssl,
            KafkaSecurity.SaslPlaintext => SecurityProtocol.SaslPlaintext,
            KafkaSecurity.SaslSsl => SecurityProtocol.SaslSsl,
            _ => SecurityProtocol.Plaintext,
        };
        if (options.SecurityProtocol is KafkaSecurity.Ssl or KafkaSecurity.SaslSsl)
        {
            config.SslEndpointIdentificationAlgorithm = SslEndpointIdentificationAlgorithm.Https;
            config.SslCaLocation = options.CaFile;
            config.SslCertificateLocation = options.CertificateFile;
            config.SslKeyLocation = options.KeyFile;
        }

        if (options.SecurityProtocol is KafkaSecurity.SaslPlaintext or KafkaSecurity.SaslSsl)
        {
            config.SaslMechanism = options.SaslMechanism switch
            {
                KafkaMechanism.Plain => SaslMechanism.Plain,
                KafkaMechanism.ScramSha256 => SaslMechanism.ScramSha256,
                _ => SaslMechanism.ScramSha512,
            };
            config.SaslUsername = options.User;
            config.SaslPassword = options.Password;
        }
    }

    private void Log(LogMessage message) => LogLibrary(message.Facility, message.Message);

    [LoggerMessage(Level = LogLevel.Debug, Message = "librdkafka {Facility}: {Text}")]
    private partial void LogLibrary(string facility, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publishing to Kafka is in trouble: {Reason}")]
    private partial void LogTrouble(string reason);
}
