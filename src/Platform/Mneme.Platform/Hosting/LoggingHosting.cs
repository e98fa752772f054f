using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Hosting;

public static class LoggingHosting
{
    /// <summary>One log for the program and for what happens before and beside it.</summary>
    public static ILoggingBuilder AddPlatformLogging(this ILoggingBuilder logging, IConfiguration configuration) =>
        logging.ClearProviders().AddConfiguration(configuration.GetSection("Logging")).AddConsole()
            .AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning);
}
