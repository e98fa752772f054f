using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>
/// Stands for a Consul agent: services with TTL checks, and health with blocking queries, as its HTTP API documents them
/// (developer.hashicorp.com/consul/api-docs: agent/service, agent/check, health, features/blocking). TTLs do not run out by themselves.
/// </summary>
public sealed class ConsulStandIn : IAsyncDisposable
{
    public const string Token = "b1gs33cr3t";

    private readonly ConcurrentDictionary<string, JsonObject> _services = new(StringComparer.Ordinal);
    private readonly Lock _turn = new();
    private readonly WebApplication _app;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _index = 10;

    private ConsulStandIn(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Whether every call is answered with 500, as an agent without a leader does.</summary>
    public bool IsDown { get; set; }

    /// <summary>Health queries that came.</summary>
    public int Queries { get; private set; }

    /// <summary>Calls that were answered with 500.</summary>
    public int Failures { get; private set; }

    public IReadOnlyCollection<JsonObject> Services => [.. _services.Values];

    public static async Task<ConsulStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var consul = new ConsulStandIn(builder.Build());
        consul.Map();
        await consul._app.StartAsync();
        return consul;
    }

    /// <summary>Adds an instance as another machine would.</summary>
    public void Add(string name, Uri address, params string[] tags)
    {
        var id = Guid.NewGuid().ToString("n");
        Register(new JsonObject
        {
            ["ID"] = id,
            ["Name"] = name,
            ["Address"] = address.Host,
            ["Port"] = address.Port,
            ["Tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]),
            ["Check"] = new JsonObject { ["CheckID"] = id, ["TTL"] = "10s", ["Status"] = "passing" },
        });
    }

    /// <summary>Takes instances away.</summary>
    /// <param name="name">The service.</param>
    /// <param name="address">Which of its instances; all by default.</param>
    public void Remove(string name, Uri? address = null)
    {
        foreach (var (id, service) in _services)
        {
            if (service["Name"]!.GetValue<string>() == name && (address is null || service["Port"]!.GetValue<int>() == address.Port))
                _services.TryRemove(id, out _);
        }

        Changed();
    }

    /// <summary>As an agent that was reinstalled: it knows nothing, and its index begins anew.</summary>
    public void Forget()
    {
        _services.Clear();
        lock (_turn)
            _index = 1;
        Changed();
    }

    /// <summary>Wakes queries that wait although nothing has changed, as Consul may.</summary>
    public void WakeForNothing()
    {
        lock (_turn)
            Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Map()
    {
        _app.Use(async (context, next) =>
        {
            if (IsDown)
            {
                Failures++;
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                await context.Response.WriteAsync("No cluster leader");
            }
            else if (context.Request.Headers["X-Consul-Token"] != Token)
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                await context.Response.WriteAsync("Permission denied");
            }
            else
            {
                await next(context);
            }
        });
        _app.MapPut("/v1/agent/service/register", async (HttpRequest request) =>
        {
            if (await JsonNode.ParseAsync(request.Body) is not JsonObject service || service["Name"] is null)
                return Results.BadRequest("Missing service name");
            Register(service);
            return Results.Ok();
        });
        _app.MapPut("/v1/agent/service/deregister/{id}", (string id) =>
        {
            if (!_services.TryRemove(id, out _))
                return Results.NotFound($"Unknown service ID \"{id}\"");
            Changed();
            return Results.Ok();
        });
        _app.MapPut("/v1/agent/check/update/{id}", async (string id, HttpRequest request) =>
        {
            if (_services.Values.FirstOrDefault(service => service["Check"]!["CheckID"]!.GetValue<string>() == id) is not { } service)
                return Results.NotFound($"Unknown check ID \"{id}\"");
            var update = (await JsonNode.ParseAsync(request.Body))!;
            var status = update["Status"]!.GetValue<string>();
            var isNew = service["Check"]!["Status"]!.GetValue<string>() != status;
            service["Check"]!["Status"] = status;
            if (isNew)
                Changed();
            return Results.Ok();
        });
        _app.MapGet("/v1/health/service/{name}", async (string name, bool passing, ulong? index, string? wait, HttpContext context) =>
        {
            Queries++;
            var (changed, now) = (_changed, _index);
            if (index >= now && wait is not null)
            {
                var longest = TimeSpan.FromMilliseconds(double.Parse(wait[..^2], CultureInfo.InvariantCulture));
                await Task.WhenAny(changed.Task, Task.Delay(longest, context.RequestAborted));
            }

            context.Response.Headers["X-Consul-Index"] = _index.ToString(CultureInfo.InvariantCulture);
            return Results.Json(_services.Values
                .Where(service => service["Name"]!.GetValue<string>() == name && (!passing || service["Check"]!["Status"]!.GetValue<string>() == "passing"))
                .Select(service => new Dictionary<string, object?>
                {
                    ["Node"] = new Dictionary<string, object?> { ["Node"] = "here", ["Address"] = "127.0.0.1" },
                    ["Service"] = new Dictionary<string, object?> { ["ID"] = service["ID"]!.GetValue<string>(), ["Service"] = name, ["Tags"] = service["Tags"]?.DeepClone(), ["Address"] = service["Address"]?.GetValue<string>() ?? "", ["Port"] = service["Port"]!.GetValue<int>() },
                    ["Checks"] = Array.Empty<object>(),
                }).ToList());
        });
    }

    private void Register(JsonObject service)
    {
        _services[service["ID"]!.GetValue<string>()] = service;
        Changed();
    }

    private void Changed()
    {
        lock (_turn)
            _index++;
        WakeForNothing();
    }
}
