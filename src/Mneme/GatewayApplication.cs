using Mneme.Cli;
using Mneme.Gateway;
using Mneme.Platform.Asking;
using Mneme.Platform.Hosting;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Redis;
using Mneme.Platform.Services;

namespace Mneme;

/// <summary>Builds the gateway: the platform with nothing on it but routes to services elsewhere.</summary>
internal static class GatewayApplication
{
    // Nothing here stores anything or exchanges events; no connection is ever made to either. A broker is used only if asks travel over it.
    private static readonly DatabaseServer NoDatabase = new("Host=localhost", "none");
    private static readonly KeyValuePair<string, string?>[] NoBroker = [new($"{MessagingOptions.Section}:{nameof(MessagingOptions.Backend)}", MessagingOptions.InProcess)];

    /// <summary>What the gateway knows of the system: every service, built and not started.</summary>
    public static SystemCatalogue Catalogue(IConfiguration configuration) => Catalogue(ServiceCatalog.All, configuration);

    /// <param name="services">The services of the system.</param>
    /// <param name="configuration">Everything that was configured.</param>
    public static SystemCatalogue Catalogue(IReadOnlyList<IService> services, IConfiguration configuration) =>
        new([.. services.Select(service => service.Name)], MnemeApplication.Build(services, WithoutBroker(configuration), NoDatabase));

    /// <summary>Checks what only the gateway reads, before anything starts.</summary>
    /// <exception cref="OperatorException">A service is configured that there is not.</exception>
    /// <exception cref="TlsCertificateException">The certificate for HTTPS cannot be used.</exception>
    public static void Verify(IConfiguration configuration)
    {
        var options = configuration.Read<GatewayOptions>();
        var known = ServiceCatalog.All.Select(service => service.Name).ToList();
        if (options.UnknownServices(known).ToList() is { Count: > 0 } unknown)
            throw new OperatorException($"the gateway is told of {string.Join(", ", unknown)}, and there is no such service. There are: {string.Join(", ", known)}.");
        TlsCertificate.Verify(options);
    }

    /// <param name="configuration">Everything that was configured, by file, environment and command line.</param>
    /// <param name="catalogue">The system, if it is another one than <see cref="ServiceCatalog"/>'s.</param>
    /// <param name="customize">For tests: replaces the clock or the keys before anything is built.</param>
    public static WebApplication Build(IConfiguration configuration, SystemCatalogue? catalogue = null, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(WithoutBroker(configuration));
        builder.Services.AddSingleton(NoDatabase);
        builder.Services.AddSingleton(new Welcome { Tagline = "Turns what you read into what you remember." });
        builder.AddPlatform([new GatewayService(catalogue ?? Catalogue(configuration))], system: [], backends: [], ServiceCatalog.Complete);
        var ask = configuration.Read<AskOptions>();
        if (ask.Transport == AskTransport.Broker)
            ServiceCatalog.AskingBackends[configuration.Read<MessagingOptions>().Backend].RegisterAsking(builder.Services, builder.Configuration);
        if (ask.Reaches("identity"))
            builder.Services.AddIdentityMirror();
        builder.Services.ShareByRedis(builder.Configuration, "gateway-limit");
        customize?.Invoke(builder);
        var app = builder.Build();
        app.UseGateway();
        return app;
    }

    private static IConfigurationRoot WithoutBroker(IConfiguration configuration) => new ConfigurationBuilder().AddConfiguration(configuration).AddInMemoryCollection(NoBroker).Build();
}
