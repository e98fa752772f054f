using Mneme.Ai;
using Mneme.Capture;
using Mneme.Channels;
using Mneme.Contracts.Identity;
using Mneme.Gateway;
using Mneme.Identity;
using Mneme.Notify;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Hosting;
using Mneme.Platform.Kafka;
using Mneme.Platform.Messaging;
using Mneme.Platform.RabbitMq;
using Mneme.Platform.Redis;
using Mneme.Platform.Services;
using Mneme.Progress;
using Mneme.Split;
using Mneme.Study;

namespace Mneme;

/// <summary>Every service of the system. Which of them run in a process is decided by <see cref="Targets"/>.</summary>
internal static class ServiceCatalog
{
    public static IReadOnlyList<IService> All { get; } =
    [
        new AiService(),
        new CaptureService(),
        new ChannelsService(),
        new IdentityService(),
        new NotifyService(),
        new ProgressService(),
        new StudyService(),
    ];

    /// <summary>The brokers that <c>Messaging__Backend</c> can choose.</summary>
    public static IReadOnlyList<IMessagingBackend> MessagingBackends { get; } = [new KafkaBackend(), new RabbitMqBackend(), new RedisBackend()];

    /// <summary>What the composition root adds to each service, so that no service can leave it out.</summary>
    public static void Complete(ServiceDescription service)
    {
        service.EraseOn<UserDeleted>(e => e.UserId);
        service.VerifiesTokens();
    }

    /// <summary>All services' descriptions, without building or starting anything.</summary>
    public static IReadOnlyList<ServiceDescription> Describe(IConfiguration configuration) =>
        [.. All.Select(service => PlatformHosting.Describe(service, new ServiceCollection(), configuration, Complete))];

    /// <summary>Every type of options that the program knows, for validation and documentation.</summary>
    public static IReadOnlyList<OptionsType> OptionsTypes(IConfiguration configuration) =>
        [.. PlatformHosting.OptionsTypes, OptionsType.Of<GatewayOptions>(), OptionsType.Of<SplitOptions>(), .. MessagingBackends.Select(backend => backend.Options), .. Describe(configuration).SelectMany(service => service.Options).Select(OptionsType.Of).OrderBy(type => type.Section, StringComparer.Ordinal)];
}
