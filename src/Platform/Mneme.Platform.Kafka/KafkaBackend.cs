using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Kafka;

/// <summary>Events over Kafka: docs/transports/kafka.md.</summary>
public sealed class KafkaBackend : IMessagingBackend
{
    public string Name => "kafka";

    public OptionsType Options { get; } = OptionsType.Of<KafkaOptions>();

    /// <exception cref="DllNotFoundException">The native library is not installed.</exception>
    public void Register(IServiceCollection services, IConfiguration configuration)
    {
        Librdkafka.Load();
        services.AddValidatedOptions<KafkaOptions>(configuration);
        services.AddSingleton<KafkaConnector>();
        services.AddSingleton<KafkaProducer>();
        services.AddSingleton<KafkaTopics>();
        services.AddSingleton<IEventTransport, KafkaTransport>();
    }

    public EventListener CreateListener(EventConsumer consumer, IServiceProvider services) => ActivatorUtilities.CreateInstance<KafkaListener>(services, consumer);
}
