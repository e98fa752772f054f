using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Http;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Redis.SignalR;

public sealed class ProbeHub : Hub
{
    public string Id() => Context.ConnectionId;

    public Task Join(string group) => Groups.AddToGroupAsync(Context.ConnectionId, group);

    public Task TellOthers(string text) => Clients.Others.SendAsync("said", text);
}

/// <summary>A service that has a hub and nothing else, in the way in which any service would.</summary>
internal sealed class HubService : IService
{
    public string Name => "hubs";

    public void Describe(ServiceBuilder service)
    {
        service.Services.AddSignalR();
        service.Endpoints(api => api.MapHub<ProbeHub>("/hubs/probe").SignedIn().NoDeadline().WithMetadata(new HttpMethodMetadata(["GET", "POST", "DELETE"])));
    }
}

/// <summary>One instance of the service.</summary>
internal sealed class HubInstance(TestApplication app) : IAsyncDisposable
{
    public TestApplication App => app;

    public IHubContext<ProbeHub> Hub => app.Services.GetRequiredService<IHubContext<ProbeHub>>();

    public static string Channel(string prefix, int database = 0) => $"{prefix}.hub.{database}.{typeof(ProbeHub).FullName}";

    public static async Task<HubInstance> StartAsync(PostgresServer postgres, RedisInstance? redis, string prefix, int database = 0, LogRecorder? log = null, string answerLimit = "00:00:30", string account = "")
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Messaging:Prefix"] = prefix,
            ["Http:DrainDelay"] = "00:00:00",
            ["Redis:Url"] = redis is null ? null : $"redis://{account}{redis.Address.Authority}/{database}",
            // By default so long that a loaded machine is not taken for a Redis that hangs.
            ["Redis:CommandTimeout"] = answerLimit,
        };
        return new HubInstance(await TestApplication.StartAsync(
            postgres, settings: settings, services: [new HubService()], customize: log is null ? null : builder => builder.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(log)));
    }

    /// <summary>A client of somebody who was never registered.</summary>
    public async Task<HubClient> ConnectAsync(Guid? userId = null)
    {
        using var http = app.ClientOf(userId ?? Guid.NewGuid());
        return await HubClient.ConnectAsync(new Uri(http.BaseAddress!, "hubs/probe"), http.DefaultRequestHeaders.Authorization!.ToString());
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
