using System.Reflection;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Brokers;
using Mneme.MockKafka;
using Mneme.Platform.Messaging;

namespace Mneme.JourneyTests.Support;

/// <summary>How the program is run. The journeys are the same in each.</summary>
public enum Topology
{
    InOneProcess,

    /// <summary>A process for each service and the gateway before them, with a RabbitMQ between them, which the program brings.</summary>
    SplitOverRabbitMq,

    /// <summary>The same over Kafka: the mock cluster, in a process of its own.</summary>
    SplitOverKafka,

    /// <summary>The same over the streams of a redis-server.</summary>
    SplitOverRedis,
}

/// <summary>The broker that a topology needs and the program does not bring.</summary>
internal static class JourneyBroker
{
    private const int Partitions = 6;

    /// <returns>What is to be disposed in the end, and the settings of a program that uses it; nothing of both for a topology that needs no broker of ours.</returns>
    public static async Task<(IAsyncDisposable? Broker, IReadOnlyList<(string Name, string Value)> Settings)> StartAsync(Topology topology)
    {
        switch (topology)
        {
            case Topology.SplitOverKafka:
                var kafka = await MockKafkaProcess.StartAsync();
                foreach (var topic in Topics().Append("unreadable"))
                    await kafka.CreateTopicAsync("mneme." + topic, Partitions);
                return (kafka, AsEnvironment(kafka.Settings));
            case Topology.SplitOverRedis:
                var redis = new RedisBroker();
                await redis.InitializeAsync();
                return (redis, AsEnvironment(redis.Settings));
            default:
                return (null, []);
        }
    }

    private static IEnumerable<string> Topics() =>
        typeof(UserRegistered).Assembly.GetTypes().Select(type => type.GetCustomAttribute<EventAttribute>()?.Topic).OfType<string>().Distinct(StringComparer.Ordinal);

    private static IReadOnlyList<(string Name, string Value)> AsEnvironment(IReadOnlyDictionary<string, string?> settings) =>
        [.. settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value!))];
}
