using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Mneme.Platform.Asking;
using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Http;
using Mneme.Platform.Http.OpenApi;
using Mneme.Platform.Messaging;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.Platform.Hosting;

/// <summary>The way into the services over HTTP: what is the same for every operation.</summary>
public static class HttpHosting
{
    public const string ApiPrefix = "/api/v1";

    internal static void AddPlatformHttp(this WebApplicationBuilder builder, ServiceRegistry registry)
    {
        builder.Services.ConfigureHttpJsonOptions(options => Json.Configure(options.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.Services.AddOptions<KestrelServerOptions>().Configure<HttpOptions>(Configure);
        ApiDocuments.Add(builder.Services, registry);
        builder.Services.AddSingleton<Draining>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Draining>());
        builder.Services.AddSingleton<Health>();
        builder.Services.AddSingleton<MemoryRateLimits>();
        builder.Services.TryAddSingleton<IRateLimits>(provider => provider.GetRequiredService<MemoryRateLimits>());
        builder.Services.AddSingleton<ManagementListener>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ManagementListener>());
        builder.Services.AddHostedService(provider => provider.GetRequiredService<AskListener>());
        if (builder.Services.Any(service => service.ServiceType == typeof(BrokerAnswering)))
            builder.Services.AddHostedService(provider => provider.GetRequiredService<BrokerAnswering>());
        // The last one, which is told first that the process stops: the others hear of it while requests are still taken.
        if (builder.Configuration.GetSection(AskOptions.Section).Get<AskOptions>() is { Discovery: AskDiscovery.Consul })
            builder.Services.AddHostedService<ConsulRegistration>();
    }

    /// <summary>Builds the pipeline and maps every service's operations.</summary>
    /// <exception cref="InvalidOperationException">An operation does not declare its ownership.</exception>
    public static void UsePlatform(this WebApplication app)
    {
        app.UsePlatformPipeline(_ => { });
        var services = app.Services.GetRequiredService<ServiceRegistry>().Services;
        foreach (var service in services)
        {
            foreach (var (prefix, maps) in new[] { (ApiPrefix, service.ApiEndpoints), ("", service.RootEndpoints) })
            {
                var group = Operations(app, prefix, service);
                foreach (var map in maps)
                    map(group);
            }
        }

        var platform = Operations(app, ApiPrefix, new ServiceDescription(ApiDocuments.Platform));
        DeadLetterEndpoints.Map(platform);
        ListenerEndpoints.Map(platform);
        PublishEndpoint.Map(platform);
        AuditEndpoints.Map(platform);
        HealthEndpoints.Map(app);
        ApiDocuments.Map(app);
        Pages.Map(app, services.Select(service => service.Name));
        VerifyOwnership(app);
    }

    /// <summary>What surrounds every operation, whichever they are.</summary>
    /// <param name="app">The application.</param>
    /// <param name="early">Adds steps that see every request, known operation or not, and whose failures become problem details.</param>
    internal static void UsePlatformPipeline(this WebApplication app, Action<IApplicationBuilder> early)
    {
        var options = app.Services.GetRequiredService<HttpOptions>();
        UseForwardedHeaders(app, options);
        if (options.BasePath.Length > 0)
            app.UsePathBase(options.BasePath);
        app.UseMiddleware<RequestBoundary>();
        early(app);
        if (options.CorsOriginList.Count > 0)
            app.UseMiddleware<CrossOrigin>();
        app.UseRouting();
        app.UseMiddleware<BearerAuthentication>();
        app.UseMiddleware<RateLimiting>();
        app.UseMiddleware<AccessControl>();
        app.UseMiddleware<Deadlines>();
    }

    private static RouteGroupBuilder Operations(WebApplication app, string prefix, ServiceDescription service)
    {
        var group = app.MapGroup(prefix).WithTags(service.Name).WithGroupName(service.Name).AddEndpointFilterFactory(new OperationFilter(service).Create);
        ((IEndpointConventionBuilder)group).Finally(OperationMetadata.Complete);
        return group;
    }

    private static void Configure(KestrelServerOptions kestrel, HttpOptions http)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = http.MaxBodyBytes;
        kestrel.Limits.MaxRequestLineSize = 8 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        // Who trickles a body or does not read the answer gives the connection up.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Listen(IPAddress.Parse(http.Bind), http.Port);
    }

    /// <summary>The caller's address and scheme as a proxy tells them, if it is one of ours; the last untrusted address of the chain counts.</summary>
    private static void UseForwardedHeaders(WebApplication app, HttpOptions options)
    {
        if (options.TrustedProxyList.Count == 0)
            return;
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        // The defaults would trust loopback.
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in options.TrustedProxyList)
        {
            if (IPAddress.TryParse(proxy, out var address))
                forwarded.KnownProxies.Add(address);
            else
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }

        app.UseForwardedHeaders(forwarded);
    }

    /// <exception cref="InvalidOperationException">An operation does not declare its ownership.</exception>
    internal static void VerifyOwnership(IEndpointRouteBuilder app)
    {
        var undeclared = app.DataSources.SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<OwnershipMetadata>() is null)
            .Select(endpoint => endpoint.DisplayName)
            .ToList();
        if (undeclared.Count > 0)
            throw new InvalidOperationException($"These operations do not say who may call them (Owned, Public, AdminOnly, SignedIn): {string.Join("; ", undeclared)}.");
    }
}
