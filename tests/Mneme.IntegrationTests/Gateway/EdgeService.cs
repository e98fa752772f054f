using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>A service behind the gateway: it tells what arrived, and streams. It stores nothing, so it needs no database.</summary>
internal sealed class EdgeService(string instance = "one") : IService
{
    public const string ServiceName = "edge";

    public string Name => ServiceName;

    public void Describe(ServiceBuilder service)
    {
        service.Services.AddSingleton<EdgeGate>();
        service.Endpoints(Map);
    }

    private void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/edge/{id:guid}", (Guid id, HttpContext http, CancellationToken ct) => TellAsync(http, instance, ct)).Public().WithName("TellEdge");
        api.MapGet("/edge/mine", (Actor actor) => Results.Json(new { actor.UserId })).Owned().WithName("MyEdge");
        api.MapGet("/admin/edge", () => Results.Text("for administrators")).AdminOnly().WithName("AdminEdge");
        api.MapMethods("/edge/told", ["GET", "PUT", "PATCH", "POST"], (HttpContext http, CancellationToken ct) => TellAsync(http, instance, ct)).Public().WithName("ToldEdge");
        api.MapPost("/edge/large", (HttpContext http, CancellationToken ct) => TellAsync(http, instance, ct)).Public().WithMetadata(new BodyLimit(3_000_000)).WithName("LargeEdge");
        api.MapGet("/edge/slow", (CancellationToken ct) => Task.Delay(Timeout.Infinite, ct)).Public().WithName("SlowEdge");
        api.MapGet("/edge/stream", StreamAsync).Public().NoDeadline().WithName("StreamEdge");
        api.MapGet("/edge/socket", EchoAsync).Public().NoDeadline().WithName("SocketEdge");
        api.MapGet("/edge/absent", () => Results.StatusCode(404)).Public().WithName("AbsentEdge");
    }

    private static async Task<IResult> TellAsync(HttpContext http, string instance, CancellationToken ct)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, ct);
        var headers = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        http.Response.Headers["X-Instance"] = instance;
        http.Response.Headers.CacheControl = "private, max-age=7";
        return Results.Json(new Told(instance, http.Request.Method, http.Request.Path + http.Request.QueryString, http.Request.Scheme, headers, body.Length, Activity.Current?.TraceId.ToHexString(), Activity.Current?.ParentSpanId.ToHexString()));
    }

    /// <summary>Server-sent events: one at once, and one when the caller lets it, so that a proxy that collects them is found out.</summary>
    private static async Task StreamAsync(HttpContext http, EdgeGate gate)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync("data: first\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await gate.Opened.Task.WaitAsync(http.RequestAborted);
        await http.Response.WriteAsync("data: second\n\n", http.RequestAborted);
    }

    private static async Task EchoAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync("echo");
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer, http.RequestAborted) is { MessageType: not WebSocketMessageType.Close } message)
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, http.RequestAborted);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", http.RequestAborted);
    }

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}

/// <summary>Lets <see cref="EdgeService"/>'s stream go on.</summary>
internal sealed class EdgeGate
{
    public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What arrived at the service.</summary>
internal sealed record Told(string Instance, string Method, string Path, string Scheme, Dictionary<string, string> Headers, long BodyLength, string? TraceId, string? ParentSpanId);
