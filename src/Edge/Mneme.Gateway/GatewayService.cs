using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Asking;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Services;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Mneme.Gateway;

/// <summary>The gateway as the platform sees it: a service without data, events and operations of its own, which asks Identity for what tokens are verified with.</summary>
internal sealed class GatewayService(SystemCatalogue catalogue) : IService
{
    /// <summary>Target on the command line, and name in the certificate.</summary>
    public const string ServiceName = "gateway";

    public string Name => ServiceName;

    public void Describe(ServiceBuilder service)
    {
        service.Options<GatewayOptions>();
        var options = service.Configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>() ?? new GatewayOptions();
        service.Services.AddSingleton(_ => catalogue);
        service.Services.AddSingleton(catalogue.Table);
        service.Services.AddSingleton<MergedApi>();
        service.Services.AddSingleton<TlsCertificate>();
        service.Services.AddSingleton<ILoadBalancingPolicy, CanaryBalancing>();
        service.Services.AddSingleton<IPassiveHealthCheckPolicy, TransportFailures>();
        service.Services.AddSingleton<Trials>();
        service.Services.AddOptions<KestrelServerOptions>().Configure<GatewayOptions, HttpOptions, IServiceProvider>(ListenForTls);
        var proxy = service.Services.AddReverseProxy()
            .LoadFromMemory(ProxyRoutes.Routes(catalogue.Table), ProxyRoutes.Clusters(catalogue.Table, options, new Dictionary<string, IReadOnlyList<ConsulInstance>>(StringComparer.Ordinal)))
            .AddTransforms<ForwardedHeaders>()
            .ConfigureHttpClient((_, handler) =>
            {
                handler.ConnectTimeout = options.ConnectTimeout;
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
            });
        if (options.ResolveDns)
            proxy.AddDnsDestinationResolver(dns => dns.RefreshPeriod = options.DnsRefresh);
        if (options.Discovery == DestinationDiscovery.Consul)
            AddConsul(service.Services);
    }

    private static void AddConsul(IServiceCollection services)
    {
        services.AddSingleton<ConsulDestinations>();
        services.AddHostedService(provider => provider.GetRequiredService<ConsulDestinations>());
        services.AddSingleton(provider => new Dependency("destinations in Consul", _ =>
            provider.GetRequiredService<ConsulDestinations>().IsComplete ? Task.CompletedTask : Task.FromException(new InvalidOperationException("Consul has not said yet where the services are: see Ask__Consul__Url"))));
    }

    private static void ListenForTls(KestrelServerOptions kestrel, GatewayOptions options, HttpOptions http, IServiceProvider provider)
    {
        if (options.TlsPort < 0)
            return;
        var certificate = provider.GetRequiredService<TlsCertificate>();
        kestrel.Listen(IPAddress.Parse(http.Bind), options.TlsPort, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Current), HandshakeTimeout = TimeSpan.FromSeconds(10) });
        });
    }
}
