using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Observability;
using Mneme.Platform.Services;

namespace Mneme.Platform.Hosting;

/// <summary>Probes for load balancers and orchestrators. They tell a state and no reasons; those are on the management listener.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/health").Public().Unlimited().ExcludeFromDescription();
        group.MapGet("/live", () => Results.Json(new Liveness(HealthStatus.Ok), Json.Options));
        group.MapGet("/ready", async (Health health) => Answer(await health.CheckAsync(), report => new Liveness(report.Status)));
        group.MapGet("", async (Health health, ServiceRegistry registry) =>
            Answer(await health.CheckAsync(), report => new Summary(report.Status, [.. registry.Services.Select(s => s.Name)])));
        endpoints.MapGet("/health/environment", (ServiceRegistry registry, MessagingOptions messaging) => Results.Json(Describe(registry, messaging), Json.Options))
            .AdminOnly().ExcludeFromDescription();
    }

    private static RuntimeEnvironment Describe(ServiceRegistry registry, MessagingOptions messaging)
    {
        using var process = Process.GetCurrentProcess();
        return new RuntimeEnvironment(
            typeof(HealthEndpoints).Assembly.GetName().Version!.ToString(3), [.. registry.Services.Select(s => s.Name)], messaging.Backend, process.StartTime.ToUniversalTime(),
            Environment.MachineName, Environment.ProcessId, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, RuntimeInformation.ProcessArchitecture.ToString(),
            Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, process.WorkingSet64, TimeZoneInfo.Local.Id);
    }

    private static IResult Answer<T>(HealthReport report, Func<HealthReport, T> body) => report.Status switch
    {
        HealthStatus.Ok => Results.Json(body(report), Json.Options),
        HealthStatus.Stopping => OutcomeResult.Of(Problem.Unavailable("stopping", "This process is stopping and takes no new work.")),
        _ => OutcomeResult.Of(Problem.Unavailable("not-ready", "Something that this process needs does not answer. The management listener tells what: /health/details.")),
    };

    /// <summary>What this process is and where it runs; sizes in bytes. No settings: they can hold secrets.</summary>
    private sealed record RuntimeEnvironment(
        string Version, IReadOnlyList<string> Services, string MessagingBackend, DateTimeOffset StartedAt, string Machine, int ProcessId, string Runtime, string System, string Architecture,
        int Processors, long MemoryLimit, long MemoryUsed, string TimeZone);

    private sealed record Liveness(HealthStatus Status);

    private sealed record Summary(HealthStatus Status, IReadOnlyList<string> Services);
}
