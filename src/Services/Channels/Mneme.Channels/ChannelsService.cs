using Microsoft.Extensions.DependencyInjection;
using Mneme.Channels.Domain;
using Mneme.Channels.Features;
using Mneme.Channels.Infrastructure;
using Mneme.Contracts.Channels;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;

namespace Mneme.Channels;

/// <summary>Ways by which messages come in by themselves: mail, webhooks, feeds, Telegram, Discord. The service to read first, and to copy.</summary>
public sealed class ChannelsService : IService
{
    public string Name => ChannelsDb.Name;

    public void Describe(ServiceBuilder service)
    {
        service.Database<ChannelsDb>(poolSize: 6)
            .Options<ChannelsOptions>()
            .Publishes<ChannelRegistered>()
            .Publishes<ChannelMessageReceived>()
            .Publishes<TradingSignalReceived>()
            .OnDomainEvent<Registered>(OnRegistered.Handle)
            .OnDomainEvent<Resumed>(OnResumed.Handle)
            .OnDomainEvent<Deleted>(OnDeleted.Handle)
            .OnDomainEvent<MessageReceived>(OnMessageReceived.Handle)
            .OnDomainEvent<MessageReceived>(RecogniseTradingSignal.Handle)
            .Recurring(FindDueFeeds.Kind, FindDueFeeds.Interval, FindDueFeeds.Run)
            .Job<ReadFeed.Work>(ReadFeed.Kind, ReadFeed.Run, ReadFeed.Policy)
            .Recurring(ForgetOldMessages.Kind, ForgetOldMessages.Interval, ForgetOldMessages.Run)
            .PersonalData<ChannelsPersonalData>()
            .Endpoints(
                RegisterChannel.Map, ListChannels.Map, CountChannels.Map, GetChannel.Map, RenameChannel.Map, PauseChannel.Map, ResumeChannel.Map, RotateSecret.Map, DeleteChannel.Map,
                GetChannelHistory.Map, ListMessages.Map,
                ReceiveWebhook.Map, ReceiveEmail.Map, ReceiveTelegram.Map, ReceiveDiscord.Map);
        AddAdapters(service.Services);
        if (nameof(ChannelRepositoryKind.Redis).Equals(service.Configuration[$"{ChannelsOptions.Section}:{nameof(ChannelsOptions.Repository)}"], StringComparison.OrdinalIgnoreCase))
            service.Services.AddSingleton(provider => provider.GetRequiredService<IRedisStore>().AsDependency());
    }

    private static void AddAdapters(IServiceCollection services)
    {
        services.AddSingleton<InstallationKey>();
        services.AddSingleton<FeedClient>();
        services.AddScoped<Reception>();
        services.AddScoped<PostgresChannelRepository>();
        services.AddSingleton<RedisChannelRepository>();
        services.AddSingleton<InMemoryChannelRepository>();
        services.AddScoped<IChannelRepository>(provider => ActivatorUtilities.CreateInstance<DispatchingChannelRepository>(
            provider, provider.GetRequiredService<ChannelsOptions>().Repository switch
            {
                ChannelRepositoryKind.PostgreSql => (IChannelRepository)provider.GetRequiredService<PostgresChannelRepository>(),
                ChannelRepositoryKind.Redis => provider.GetRequiredService<RedisChannelRepository>(),
                ChannelRepositoryKind.InMemory => provider.GetRequiredService<InMemoryChannelRepository>(),
                var kind => throw new InvalidOperationException($"There is no adapter for {kind}."),
            }));
    }
}
