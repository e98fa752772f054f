using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Observability;

internal static class TelemetrySetup
{
    /// <summary>Registered before everything else that is hosted, so that it is there when the others start, and after they have stopped.</summary>
    public static void AddPlatformTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<TelemetryOptions>(builder.Configuration);
        builder.Services.AddSingleton<Tracing>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Tracing>());
        builder.Services.AddSingleton<Metrics>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Metrics>());
    }
}
