using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Http.OpenApi;

namespace Mneme.Platform.Http;

/// <summary>The pages that every installation has: the welcome at <c>/</c> and the interactive API description at <c>/docs</c>.</summary>
internal static class Pages
{
    // The viewer sets style attributes of its own, which a nonce cannot reach; its scripts are files of this origin.
    private const string DocsPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "form-action 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder endpoints, IEnumerable<string> services)
    {
        var welcome = endpoints.ServiceProvider.GetService<Welcome>() ?? new Welcome();
        endpoints.MapGet("/", (HttpContext http) => Results.Content(welcome.ToHtml(ResponseHeaders.AllowPage(http), http.Request.PathBase), "text/html; charset=utf-8")).Public().ExcludeFromDescription();
        endpoints.MapGet("/favicon.ico", () => Results.Content(Welcome.Icon, "image/svg+xml")).Public().ExcludeFromDescription();
        endpoints.MapSwaggerUI("/docs", options =>
        {
            options.DocumentTitle = $"{welcome.Name}: API";
            options.SwaggerEndpoint($"../openapi/{ApiDocuments.Merged}.json", "Everything");
            foreach (var service in services)
                options.SwaggerEndpoint($"../openapi/{service}.json", service);
            options.ConfigObject.DisplayRequestDuration = true;
            options.ConfigObject.DocExpansion = Swashbuckle.AspNetCore.SwaggerUI.DocExpansion.List;
            options.ConfigObject.DefaultModelsExpandDepth = 0;
            options.ConfigObject.ShowExtensions = true;
            options.ConfigObject.TryItOutEnabled = true;
            // Without this the viewer asks a server on the Internet whether the document is valid.
            options.ConfigObject.ValidatorUrl = null;
        }).Public().ExcludeFromDescription().Finally(WithDocsPolicy);
    }

    private static void WithDocsPolicy(EndpointBuilder endpoint)
    {
        var inner = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http =>
        {
            http.Response.Headers.ContentSecurityPolicy = DocsPolicy;
            return inner(http);
        };
    }
}
