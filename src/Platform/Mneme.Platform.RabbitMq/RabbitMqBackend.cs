using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.RabbitMq;

/// <summary>Events over RabbitMQ: docs/transports/rabbitmq.md.</summary>
public sealed class RabbitMqBackend : IMessagingBackend
{
    public string Name => "rabbitmq";

    public OptionsType Options { get; } = OptionsType.Of<RabbitMqOptions>();

    public void Register(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<RabbitMqOptions>(configuration);
        services.AddSingleton<Topology>();
        services.AddSingleton<RabbitMqConnector>();
        services.AddSingleton<IEventTransport, RabbitMqTransport>();
    }

    public EventListener CreateListener(EventConsumer consumer, IServiceProvider services) => ActivatorUtilities.CreateInstance<RabbitMqListener>(services, consumer);
}
