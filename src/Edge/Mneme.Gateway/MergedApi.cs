using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Http;
using Mneme.Platform.Http.OpenApi;

namespace Mneme.Gateway;

/// <summary>
/// The system's API descriptions as they hold at the gateway: those of the services, with the operations of single processes where the gateway has them. Made once, when the
/// first is asked for.
/// </summary>
internal sealed class MergedApi(SystemCatalogue catalogue)
{
    private readonly Lazy<Task<Dictionary<string, ApiDocument>>> _documents = new(() => MakeAsync(catalogue));

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/openapi.json", (HttpContext http, MergedApi api) => api.ServeAsync(http, ApiDocuments.Merged)).Public().ExcludeFromDescription();
        endpoints.MapGet("/openapi/{name}.json", (HttpContext http, MergedApi api, string name) => api.ServeAsync(http, name)).Public().ExcludeFromDescription();
    }

    private async Task ServeAsync(HttpContext http, string name) => await ApiDocuments.ServeAsync(http, (await _documents.Value).GetValueOrDefault(name));

    private static async Task<Dictionary<string, ApiDocument>> MakeAsync(SystemCatalogue catalogue)
    {
        var documents = new Dictionary<string, ApiDocument>(StringComparer.Ordinal);
        foreach (var name in catalogue.Table.Services)
        {
            if (await catalogue.ApiDocuments.FindAsync(name) is { } document)
                documents[name] = document;
        }

        foreach (var name in (string[])[ApiDocuments.Merged, ApiDocuments.Platform])
        {
            if (await catalogue.ApiDocuments.FindAsync(name) is { } document)
                documents[name] = WithPrefixes(document, catalogue.Table);
        }

        return documents;
    }

    /// <summary><c>/api/v1/admin/dead-letters</c> is <c>/services/{service}/api/v1/admin/dead-letters</c> here.</summary>
    private static ApiDocument WithPrefixes(ApiDocument document, OperationTable table)
    {
        var api = JsonNode.Parse(document.Json)!.AsObject();
        var ofProcesses = table.Operations.Where(operation => operation.IsOfProcess).Select(operation => Described(operation.Pattern)).ToHashSet(StringComparer.Ordinal);
        var paths = api["paths"]!.AsObject();
        foreach (var path in paths.Select(path => path.Key).Where(ofProcesses.Contains).ToList())
        {
            var item = paths[path]!.AsObject();
            paths.Remove(path);
            foreach (var operation in item.Select(method => method.Value).OfType<JsonObject>())
                ((JsonArray)(operation["parameters"] ??= new JsonArray())).Insert(0, ServiceParameter(table));
            paths[OperationTable.PrefixOf("{service}") + path] = item;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(api);
        return new ApiDocument(json, $"\"{Convert.ToHexStringLower(SHA256.HashData(json))[..16]}\"");
    }

    private static JsonObject ServiceParameter(OperationTable table) => new()
    {
        ["name"] = "service",
        ["in"] = "path",
        ["required"] = true,
        ["description"] = "The service whose process is meant.",
        ["schema"] = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. table.Services.Select(service => (JsonNode)service)]) },
    };

    /// <summary>A pattern as descriptions write it: without constraints.</summary>
    private static string Described(string pattern) => string.Join('/', pattern.Split('/').Select(segment => segment.StartsWith('{') && segment.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? segment[..colon] + "}" : segment));
}
