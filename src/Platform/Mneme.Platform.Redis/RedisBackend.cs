using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;
using Mneme.Platform.Redis.Asking;
using Mneme.Platform.Redis.Streams;

namespace Mneme.Platform.Redis;

/// <summary>Events over Redis Streams, and asks over lists: docs/transports/redis.md.</summary>
public sealed class RedisBackend : IAskingBackend
{
    public string Name => "redis";

    public OptionsType Options { get; } = OptionsType.Of<RedisOptions>();

    public void Register(IServiceCollection services, IConfiguration configuration)
    {
        services.AddRedisConnector(configuration);
        services.AddSingleton<StreamTopology>();
        services.AddSingleton<IEventTransport, StreamTransport>();
    }

    public void RegisterAsking(IServiceCollection services, IConfiguration configuration)
    {
        services.AddRedisConnector(configuration);
        services.AddSingleton<AskKeys>();
        services.AddSingleton<AskReplies>();
        services.AddSingleton<IAskBroker, RedisAskBroker>();
    }

    public EventListener CreateListener(EventConsumer consumer, IServiceProvider services) => ActivatorUtilities.CreateInstance<StreamListener>(services, consumer);
}
