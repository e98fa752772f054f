using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Aws.Events;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Aws;

/// <summary>Events over EventBridge and SQS: docs/transports/aws.md.</summary>
public sealed class AwsBackend : IMessagingBackend
{
    public string Name => "aws";

    public OptionsType Options { get; } = OptionsType.Of<AwsOptions>();

    public void Register(IServiceCollection services, IConfiguration configuration)
    {
        services.AddAwsClient(configuration);
        services.AddSingleton<SqsClient>();
        services.AddSingleton<EventBridgeClient>();
        services.AddSingleton<AwsNames>();
        services.AddSingleton<AwsTopology>();
        services.AddSingleton<IEventTransport, EventBridgeTransport>();
    }

    public EventListener CreateListener(EventConsumer consumer, IServiceProvider services) => ActivatorUtilities.CreateInstance<SqsListener>(services, consumer);
}
