using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;
using Mneme.Platform.RabbitMq.Asking;

namespace Mneme.Platform.RabbitMq;

/// <summary>Events and asks over RabbitMQ: docs/transports/rabbitmq.md.</summary>
public sealed class RabbitMqBackend : IAskingBackend
{
    public string Name => "rabbitmq";

    public OptionsType Options { get; } = OptionsType.Of<RabbitMqOptions>();

    public void Register(IServiceCollection services, IConfiguration configuration)
    {
        AddConnector(services, configuration);
        services.AddSingleton<Topology>();
        services.AddSingleton<IEventTransport, RabbitMqTransport>();
    }

    public void RegisterAsking(IServiceCollection services, IConfiguration configuration)
    {
        AddConnector(services, configuration);
        services.AddSingleton<AskTopology>();
        services.AddSingleton<AskReplies>();
        services.AddSingleton<IAskBroker, RabbitMqAskBroker>();
    }

    public EventListener CreateListener(EventConsumer consumer, IServiceProvider services) => ActivatorUtilities.CreateInstance<RabbitMqListener>(services, consumer);

    private static void AddConnector(IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(service => service.ServiceType == typeof(RabbitMqConnector)))
            return;
        services.AddValidatedOptions<RabbitMqOptions>(configuration);
        services.AddSingleton<RabbitMqConnector>();
    }
}
