using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
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
    }

    private static IResult Answer<T>(HealthReport report, Func<HealthReport, T> body) => report.Status switch
    {
        HealthStatus.Ok => Results.Json(body(report), Json.Options),
        HealthStatus.Stopping => OutcomeResult.Of(Problem.Unavailable("stopping", "This process is stopping and takes no new work.")),
        _ => OutcomeResult.Of(Problem.Unavailable("not-ready", "Something that this process needs does not answer. The management listener tells what: /health/details.")),
    };

    private sealed record Liveness(HealthStatus Status);

    private sealed record Summary(HealthStatus Status, IReadOnlyList<string> Services);
}
