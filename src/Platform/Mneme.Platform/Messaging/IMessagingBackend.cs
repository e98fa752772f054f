using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Messaging;

/// <summary>A broker that events can travel over, as the composition root knows it. <c>Messaging__Backend</c> chooses one by its name.</summary>
public interface IMessagingBackend
{
    /// <summary>The value of <c>Messaging__Backend</c>, lower-case.</summary>
    string Name { get; }

    /// <summary>The adapter's own settings.</summary>
    OptionsType Options { get; }

    /// <summary>Registers the adapter's <see cref="IEventTransport"/>, and what its listeners share.</summary>
    void Register(IServiceCollection services, IConfiguration configuration);

    /// <summary>Makes the listener that brings a consumer its events.</summary>
    EventListener CreateListener(EventConsumer consumer, IServiceProvider services);
}
