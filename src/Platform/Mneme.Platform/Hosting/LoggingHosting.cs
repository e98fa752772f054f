using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Mneme.Platform.Observability;

namespace Mneme.Platform.Hosting;

public static class LoggingHosting
{
    /// <summary>One log for the program and for what happens before and beside it, in the form and with the levels that <see cref="LoggingOptions"/> say.</summary>
    public static ILoggingBuilder AddPlatformLogging(this ILoggingBuilder logging, IConfiguration configuration)
    {
        var section = configuration.GetSection(LoggingOptions.Section);
        var format = Enum.TryParse<LogFormat>(section[nameof(LoggingOptions.Format)], ignoreCase: true, out var parsed) ? parsed : LogFormat.Auto;
        var isText = format == LogFormat.Text || format == LogFormat.Auto && !Console.IsOutputRedirected;
        logging.Services.TryAddSingleton(TimeProvider.System);
        return logging.ClearProviders()
            .AddConsole(options => options.FormatterName = isText ? TextLogFormatter.FormatterName : JsonLogFormatter.FormatterName)
            .AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>()
            .AddConsoleFormatter<TextLogFormatter, ConsoleFormatterOptions>()
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning)
            .AddFilter("Npgsql", LogLevel.Warning)
            .AddFilter("Yarp", LogLevel.Warning)
            // Its lines per request are written by RequestBoundary in one; its scope per request costs, and repeats what the trace says.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            // Last, so that what was configured wins over the lines above.
            .AddConfiguration(section);
    }
}
