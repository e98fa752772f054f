using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Mneme.Platform.Http.OpenApi;

/// <summary>Describes what the platform does around an operation: who may call it, its headers, paging, and the problems it can answer.</summary>
internal sealed class DescribeOperation : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var ownership = metadata.OfType<OwnershipMetadata>().Last().Ownership;
        var handler = metadata.OfType<MethodInfo>().FirstOrDefault();
        var parameters = handler?.GetParameters().Select(p => p.ParameterType).ToHashSet() ?? [];
        var method = context.Description.HttpMethod ?? "GET";
        var document = context.Document!;

        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
        operation.Extensions["x-ownership"] = new JsonNodeExtension(JsonValue.Create(ownership.ToString().ToLowerInvariant()));
        if (ownership != Ownership.Public)
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(DescribeDocument.Bearer, document)] = [] }];

        operation.Parameters ??= [];
        if (parameters.Contains(typeof(PageRequest)))
            AddPaging(operation);
        if (parameters.Contains(typeof(IfMatch)))
            AddHeader(operation, "If-Match", "The ETag that the change is based on. If the thing was changed since, the answer is 412 and nothing changes.", "\"7\"", maxLength: null);
        if (ownership != Ownership.Public && HttpMethods.IsPost(method) && context.Description.GroupName != ApiDocuments.Platform && !metadata.OfType<OwnTransactionMetadata>().Any())
            AddHeader(operation, "Idempotency-Key", "A name for this request, such as a UUID. Repeated with the same key, it answers as it did the first time and does nothing more.", "5f0c2f4e-0b0e-4b0a-9c5f-2f9f7f6f3a10", maxLength: 255);

        DescribeSuccess(operation, context, document);
        foreach (var status in Problems(operation, ownership, parameters, method, context.Description.RelativePath ?? ""))
            operation.Responses![Text(status)] = new OpenApiResponseReference(DescribeDocument.ProblemName(status), document);
        return Task.CompletedTask;
    }

    private static void AddPaging(OpenApiOperation operation)
    {
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = "limit",
            In = ParameterLocation.Query,
            Description = "Items of a page.",
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = "int32",
                Minimum = "1",
                Maximum = Text(PageRequest.MaxLimit),
                Default = JsonValue.Create(PageRequest.DefaultLimit),
            },
        });
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "cursor",
            In = ParameterLocation.Query,
            Description = "The nextCursor of the page before; opaque.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 512 },
        });
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description, string example, int? maxLength) => operation.Parameters!.Add(new OpenApiParameter
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Example = JsonValue.Create(example),
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = maxLength },
    });

    private static void DescribeSuccess(OpenApiOperation operation, OpenApiOperationTransformerContext context, OpenApiDocument document)
    {
        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (!status.StartsWith('2') || response is not OpenApiResponse success)
                continue;
            success.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            var type = context.Description.SupportedResponseTypes.FirstOrDefault(r => Text(r.StatusCode) == status)?.Type;
            if (type is not null && typeof(IVersioned).IsAssignableFrom(type))
                success.Headers["ETag"] = new OpenApiHeaderReference("ETag", document);
            if (status == "201")
                success.Headers["Location"] = new OpenApiHeaderReference("Location", document);
            foreach (var name in DescribeDocument.RateLimitHeaders)
                success.Headers[name] = new OpenApiHeaderReference(name, document);
        }
    }

    private static IEnumerable<int> Problems(OpenApiOperation operation, Ownership ownership, HashSet<Type> parameters, string method, string path)
    {
        yield return StatusCodes.Status400BadRequest;
        if (ownership != Ownership.Public)
            yield return StatusCodes.Status401Unauthorized;
        if (ownership == Ownership.Admin)
            yield return StatusCodes.Status403Forbidden;
        if (path.Contains('{', StringComparison.Ordinal))
            yield return StatusCodes.Status404NotFound;
        if (!HttpMethods.IsGet(method))
        {
            yield return StatusCodes.Status409Conflict;
            yield return StatusCodes.Status422UnprocessableEntity;
        }

        if (parameters.Contains(typeof(IfMatch)))
            yield return StatusCodes.Status412PreconditionFailed;
        if (operation.RequestBody is not null)
        {
            yield return StatusCodes.Status413PayloadTooLarge;
            yield return StatusCodes.Status415UnsupportedMediaType;
        }

        yield return StatusCodes.Status429TooManyRequests;
        yield return StatusCodes.Status503ServiceUnavailable;
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
