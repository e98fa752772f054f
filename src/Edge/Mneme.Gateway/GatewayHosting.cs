using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Hosting;
using Mneme.Platform.Http;

namespace Mneme.Gateway;

/// <summary>Puts the gateway's pipeline together: the platform's own steps, so that a caller is judged at the edge as at the service, and then the proxy.</summary>
internal static class GatewayHosting
{
    /// <summary>The service's own answer to a deadline that passed comes first.</summary>
    private static readonly TimeSpan DeadlineGrace = TimeSpan.FromSeconds(2);

    public static void UseGateway(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<GatewayOptions>();
        var table = app.Services.GetRequiredService<OperationTable>();
        var http = app.Services.GetRequiredService<HttpOptions>();
        app.UsePlatformPipeline(early =>
        {
            if (options.TlsPort >= 0)
                early.UseMiddleware<HttpsRedirection>();
        });
        HealthEndpoints.Map(app);
        MergedApi.Map(app);
        Pages.Map(app, table.Services);
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<Retrying>();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        }).ConfigureEndpoints((endpoint, route) => Declare(endpoint, ProxyRoutes.OperationOf(route.RouteId, table), http));
        HttpHosting.VerifyOwnership(app);
    }

    /// <summary>Gives a route what its operation declares: who may call it, how large its body may be, how long it may take.</summary>
    private static void Declare(IEndpointConventionBuilder endpoint, Operation operation, HttpOptions http)
    {
        var deadline = operation.Deadline ?? http.RequestTimeout;
        endpoint.WithMetadata(
            new OwnershipMetadata(operation.Ownership),
            new DeadlineMetadata(deadline == Timeout.InfiniteTimeSpan ? deadline : deadline + DeadlineGrace),
            new EndpointGroupNameAttribute(operation.Service));
        if (operation.BodyLimit is { } limit)
            endpoint.WithMetadata(new BodyLimit(limit));
    }

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
