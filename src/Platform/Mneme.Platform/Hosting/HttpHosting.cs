using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
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
        builder.Services.AddExceptionHandler<ExceptionToProblem>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<HttpOptions>((kestrel, http) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = http.MaxBodyBytes;
            kestrel.Listen(IPAddress.Parse(http.Bind), http.Port);
        });
    }

    /// <summary>Builds the pipeline and maps every service's operations.</summary>
    /// <exception cref="InvalidOperationException">An operation does not declare its ownership.</exception>
    public static void UsePlatform(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true, AllowStatusCode404Response = true, ExceptionHandler = _ => Task.CompletedTask });
        app.UseRouting();
        app.UseMiddleware<AccessControl>();
        foreach (var service in app.Services.GetRequiredService<ServiceRegistry>().Services)
        {
            var filter = new OperationFilter(service);
            foreach (var (prefix, maps) in new[] { (ApiPrefix, service.ApiEndpoints), ("", service.RootEndpoints) })
            {
                var group = app.MapGroup(prefix).WithTags(service.Name).WithGroupName(service.Name).AddEndpointFilterFactory(filter.Create);
                foreach (var map in maps)
                    map(group);
            }
        }

        DeadLetterEndpoints.Map(app.MapGroup(ApiPrefix).WithTags("platform").WithGroupName("platform").AddEndpointFilterFactory(new OperationFilter(new ServiceDescription("platform")).Create));
        VerifyOwnership(app);
    }

    private static void VerifyOwnership(IEndpointRouteBuilder app)
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
