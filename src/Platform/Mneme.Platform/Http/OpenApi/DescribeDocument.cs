using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Mneme.Platform.Domain;

namespace Mneme.Platform.Http.OpenApi;

/// <summary>What is the same for the whole API: the token, the problem, its statuses and the headers. Operations refer to these.</summary>
internal sealed class DescribeDocument(string title, bool isMerged) : IOpenApiDocumentTransformer
{
    public const string Bearer = "bearer";
    public static readonly string[] RateLimitHeaders = ["RateLimit", "RateLimit-Policy"];

    private static readonly (ProblemKind Kind, string Code, string Description)[] Problems =
    [
        (ProblemKind.Invalid, "invalid", "The request is not valid; `errors` names each field."),
        (ProblemKind.Unauthenticated, "no-token", "An access token is missing, or does not hold any more."),
        (ProblemKind.Forbidden, "admins-only", "The caller's role does not allow it."),
        (ProblemKind.NotFound, "not-found", "There is no such thing, or it is another person's."),
        (ProblemKind.Conflict, "conflict", "In conflict with what is there, or with a request under the same Idempotency-Key that is still running."),
        (ProblemKind.PreconditionFailed, "changed-meanwhile", "It was changed since the version that If-Match names."),
        (ProblemKind.TooLarge, "body-too-large", "The body is larger than this operation accepts."),
        ((ProblemKind)415, "unsupported-media-type", "The body is not application/json."),
        (ProblemKind.Unprocessable, "idempotency-key-reused", "Understood, but not possible."),
        (ProblemKind.TooManyRequests, "too-many-requests", "Too many requests; Retry-After says how many seconds to wait."),
        (ProblemKind.Unavailable, "storage-unavailable", "Something this needs does not answer at the moment; nothing was changed. Try again after Retry-After seconds."),
    ];

    public static string ProblemName(int status) => ((ProblemKind)status) switch
    {
        (ProblemKind)415 => "UnsupportedMediaType",
        var kind => kind.ToString(),
    };

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = title,
            Version = "v1",
            Description = (isMerged ? "Everything that this installation offers" : "One service of the installation")
                + ". Sign in with `POST /api/v1/auth/login` and send the token as `Authorization: Bearer …`. Errors are problem details (RFC 9457) with a `traceId`. "
                + "Lists are pages: follow `nextCursor`. Each operation's `x-ownership` says who may call it: `owner` (what is the caller's own), `public`, `admin`, "
                + "or `none` (signed-in people; it concerns nobody in particular).",
        };
        document.Servers = [new OpenApiServer { Url = context.ApplicationServices.GetRequiredService<HttpOptions>().BasePath is { Length: > 0 } path ? path : "/" }];
        var components = document.Components ??= new OpenApiComponents();
        components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "The access token from signing in; it lives for ten minutes at most." },
        };
        components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        components.Schemas["Problem"] = ProblemSchema();
        components.Headers = Headers();
        components.Responses = Problems.ToDictionary(p => ProblemName((int)p.Kind), p => Response(document, p.Kind, p.Code, p.Description), StringComparer.Ordinal);
        return Task.CompletedTask;
    }

    private static IOpenApiResponse Response(OpenApiDocument document, ProblemKind kind, string code, string description)
    {
        var response = new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/problem+json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchemaReference("Problem", document),
                    Example = new JsonObject
                    {
                        ["type"] = $"https://mneme.dev/problems/{code}",
                        ["title"] = OutcomeResult.Title(kind),
                        ["status"] = (int)kind,
                        ["detail"] = description,
                        ["code"] = code,
                        ["traceId"] = "4bf92f3577b34da6a3ce929d0e0e4736",
                    },
                },
            },
        };
        if (kind is ProblemKind.TooManyRequests or ProblemKind.Unavailable)
            response.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal) { ["Retry-After"] = new OpenApiHeaderReference("Retry-After", document) };
        return response;
    }

    private static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Problem details (RFC 9457).",
        Required = new HashSet<string>(StringComparer.Ordinal) { "type", "title", "status", "detail", "code", "traceId" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri" },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What is wrong and what to do." },
            ["instance"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Stable name of the problem, for programs." },
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Names the request in the logs." },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Messages for each field that is not valid.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        },
    };

    private static Dictionary<string, IOpenApiHeader> Headers()
    {
        static OpenApiHeader Header(string description, string example, JsonSchemaType type = JsonSchemaType.String) =>
            new() { Description = description, Schema = new OpenApiSchema { Type = type }, Example = type == JsonSchemaType.Integer ? JsonValue.Create(int.Parse(example)) : JsonValue.Create(example) };
        return new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
        {
            ["ETag"] = Header("The version, for If-Match and If-None-Match.", "\"7\""),
            ["Location"] = Header("Address of what was created.", "/api/v1/…"),
            ["RateLimit"] = Header("Requests left now (r) and seconds until the whole quota is there again (t).", "\"user\";r=1199;t=1"),
            ["RateLimit-Policy"] = Header("The quota (q) for a time in seconds (w).", "\"user\";q=1200;w=60"),
            ["Retry-After"] = Header("Seconds to wait.", "2", JsonSchemaType.Integer),
        };
    }
}
