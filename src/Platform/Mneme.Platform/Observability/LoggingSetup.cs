using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Observability;

internal static class LoggingSetup
{
    public static void AddPlatformLogging(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<LoggingOptions>(builder.Configuration);
        var section = builder.Configuration.GetSection(LoggingOptions.Section);
        var format = Enum.TryParse<LogFormat>(section[nameof(LoggingOptions.Format)], ignoreCase: true, out var parsed) ? parsed : LogFormat.Auto;
        var isText = format == LogFormat.Text || format == LogFormat.Auto && !Console.IsOutputRedirected;
        builder.Logging.ClearProviders()
            .AddConsole(options => options.FormatterName = isText ? TextLogFormatter.FormatterName : JsonLogFormatter.FormatterName)
            .AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>()
            .AddConsoleFormatter<TextLogFormatter, ConsoleFormatterOptions>()
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning)
            .AddFilter("Npgsql", LogLevel.Warning)
            // Its lines per request are written by RequestBoundary in one; its scope per request costs, and repeats what the trace says.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            // Last, so that what was configured wins over the lines above.
            .AddConfiguration(section);
    }
}
