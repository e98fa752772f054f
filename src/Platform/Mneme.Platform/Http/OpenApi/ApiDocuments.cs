using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Mneme.Platform.Services;

namespace Mneme.Platform.Http.OpenApi;

/// <summary>The API's description in OpenAPI 3.1: one document per service and one for all. Made once, when the first is asked for.</summary>
internal sealed class ApiDocuments(IServiceProvider services, ServiceRegistry registry)
{
    public const string Merged = "mneme";

    /// <summary>The group of operations that belong to no service.</summary>
    public const string Platform = "platform";

    private readonly Lazy<Task<FrozenDictionary<string, ApiDocument>>> _documents = new(() => GenerateAsync(services, Names(registry)));

    public async Task<ApiDocument?> FindAsync(string name) => (await _documents.Value).GetValueOrDefault(name);

    public static void Add(IServiceCollection services, ServiceRegistry registry)
    {
        var names = new SchemaNames();
        foreach (var name in Names(registry))
        {
            var isMerged = name == Merged;
            services.AddOpenApi(name, options =>
            {
                options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
                options.ShouldInclude = description => isMerged || description.GroupName == name;
                options.CreateSchemaReferenceId = names.Of;
                options.AddOperationTransformer(new DescribeOperation());
                options.AddSchemaTransformer(new DescribeLimits());
                options.AddDocumentTransformer(new DescribeDocument(isMerged ? "Mneme" : $"Mneme: {name}", isMerged));
            });
        }

        services.AddSingleton<ApiDocuments>();
    }

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/openapi.json", (HttpContext http, ApiDocuments documents) => ServeAsync(http, documents, Merged)).Public().ExcludeFromDescription();
        endpoints.MapGet("/openapi/{name}.json", (HttpContext http, ApiDocuments documents, string name) => ServeAsync(http, documents, name)).Public().ExcludeFromDescription();
    }

    private static async Task ServeAsync(HttpContext http, ApiDocuments documents, string name) => await ServeAsync(http, await documents.FindAsync(name));

    /// <param name="http">The request, perhaps with the tag of what the caller has.</param>
    /// <param name="found">Null for 404.</param>
    internal static async Task ServeAsync(HttpContext http, ApiDocument? found)
    {
        var response = http.Response;
        if (found is not { } document)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        response.Headers.ETag = document.ETag;
        response.Headers.CacheControl = "no-cache";
        if (http.Request.Headers.IfNoneMatch.Contains(document.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = document.Json.Length;
        await response.BodyWriter.WriteAsync(document.Json, http.RequestAborted);
    }

    private static IReadOnlyList<string> Names(ServiceRegistry registry) => [.. registry.Services.Select(s => s.Name), Platform, Merged];

    private static async Task<FrozenDictionary<string, ApiDocument>> GenerateAsync(IServiceProvider services, IReadOnlyList<string> names)
    {
        var documents = new Dictionary<string, ApiDocument>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            await using var scope = services.CreateAsyncScope();
            var document = await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(name).GetOpenApiDocumentAsync(CancellationToken.None);
            using var json = new MemoryStream();
            await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1, CancellationToken.None);
            documents[name] = new ApiDocument(json.ToArray(), $"\"{Convert.ToHexStringLower(SHA256.HashData(json.ToArray()))[..16]}\"");
        }

        return documents.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

internal sealed record ApiDocument(byte[] Json, string ETag);
