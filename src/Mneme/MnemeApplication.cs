using Mneme.Identity;
using Mneme.Platform.Asking;
using Mneme.Platform.Aws;
using Mneme.Platform.Hosting;
using Mneme.Platform.Http;
using Mneme.Platform.Persistence;
using Mneme.Platform.Redis;
using Mneme.Platform.Services;

namespace Mneme;

/// <summary>Builds the application for a set of services. The command line and the tests come in here.</summary>
internal static class MnemeApplication
{
    private static Welcome WelcomeTo(HttpOptions http) => new()
    {
        Tagline = "Turns what you read into what you remember.",
        Steps =
        [
            new WelcomeStep("Register", $"curl -s {http.PublicUrl?.ToString().TrimEnd('/') ?? $"http://localhost:{http.Port}"}/api/v1/auth/register --json '{{\"email\":\"you@example.org\",\"password\":\"seven dull otters swim home\",\"name\":\"You\"}}'"),
            new WelcomeStep("Make an administrator", "./mneme user create --email admin@example.org --name Admin --role ADMIN"),
            new WelcomeStep("Check this machine", "./mneme doctor"),
        ],
    };

    /// <param name="services">The services that run in this process, as <see cref="Targets"/> chose them.</param>
    /// <param name="configuration">Everything that was configured, by file, environment and command line.</param>
    /// <param name="database">The server that the services' databases are on.</param>
    /// <param name="customize">For tests: replaces the clock or an outside system before anything is built.</param>
    public static WebApplication Build(
        IReadOnlyList<IService> services, IConfiguration configuration, DatabaseServer database, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddConfiguration(configuration);
        builder.Services.AddSingleton(database);
        var system = ServiceCatalog.Describe(configuration);
        builder.Services.AddSingleton(new SystemServices([.. system.Where(s => s.PersonalData is not null).Select(s => s.Name)]));
        builder.Services.AddSingleton(WelcomeTo(configuration.Read<HttpOptions>()));
        builder.AddPlatform(services, system, ServiceCatalog.MessagingBackends, ServiceCatalog.Complete);
        if (!services.Any(service => service is IdentityService) && configuration.Read<AskOptions>().Reaches(new IdentityService().Name))
            builder.Services.AddIdentityMirror();
        builder.Services.ShareByRedis(builder.Configuration);
        builder.Services.AddRedisStore(builder.Configuration);
        builder.Services.AddAws(builder.Configuration);
        customize?.Invoke(builder);
        var app = builder.Build();
        app.UsePlatform();
        return app;
    }
}
