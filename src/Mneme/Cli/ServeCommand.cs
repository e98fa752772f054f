using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Mneme.Gateway;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Hosting;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;
using Mneme.Split;

namespace Mneme.Cli;

/// <summary><c>mneme serve</c>: runs services until it is told to stop.</summary>
internal static class ServeCommand
{
    private static readonly Option<string> Target = new("--target") { Description = "Services to run, separated by commas.", DefaultValueFactory = _ => Targets.All };
    private static readonly Option<string?> Port = new("--port") { Description = "Port of the API (Http__Port; default 8080). 0 chooses a free one." };
    private static readonly Option<string?> Bind = new("--bind") { Description = "Address to listen on (Http__Bind; default 127.0.0.1)." };
    private static readonly Option<bool> Split = new("--split") { Description = "Run each service as a process of its own on this machine, with a broker and the gateway; they end together." };
    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Do not print the welcome.", Hidden = true };
    private static readonly Option<bool> ListTargets = new("--list-targets") { Description = "Print the targets and what each needs, and exit." };
    private static readonly Option<bool> VerifyConfig = new("--verify-config") { Description = "Check the configuration and the target, and exit." };

    public static Command Create()
    {
        var command = new Command("serve", "Run services: all of them, or those that --target names.") { Target, Port, Bind, Split, Quiet, ListTargets, VerifyConfig }.WithHostOptions();
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken ct)
    {
        var configuration = result.Configuration(
            new("Http:Port", result.GetValue(Port)), new("Http:Bind", result.GetValue(Bind)));
        if (result.GetValue(ListTargets))
            return PrintTargets(configuration);
        HostOptions.Verify(configuration);
        if (result.GetValue(Split))
        {
            await SplitAsync(configuration, ct);
            return 0;
        }

        var choice = Targets.Choose(result.GetValue(Target)!, ServiceCatalog.Describe(configuration), configuration.Read<MessagingOptions>().Backend, configuration.Read<AskOptions>());
        if (!choice.IsLegal)
            throw new OperatorException($"the target '{result.GetValue(Target)}' cannot run:\n  - {string.Join("\n  - ", choice.Refusals)}");
        AskAccess.Verify(configuration, choice.Services);
        if (choice.IsGateway)
            GatewayApplication.Verify(configuration);
        if (result.GetValue(VerifyConfig))
        {
            Console.WriteLine($"The configuration is valid. This process would run: {string.Join(", ", choice.Services)}.");
            return 0;
        }

        if (choice.Services is [var only])
            CurrentService.OfProcess = only;
        var isQuiet = result.GetValue(Quiet);
        if (choice.IsGateway)
            await ServeGatewayAsync(configuration, isQuiet, ct);
        else
            await ServeAsync(configuration, choice, isQuiet, ct);
        return 0;
    }

    private static async Task SplitAsync(IConfigurationRoot configuration, CancellationToken ct)
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddPlatformLogging(configuration));
        await using var installation = await SplitInstallation.StartAsync(configuration, loggers, ct);
        PrintWelcome(installation.PublicUrl, configuration, installation.OwnsCluster);
        Console.WriteLine($"  Events travel over {installation.Backend}. The processes:\n");
        foreach (var process in installation.Processes)
            Console.WriteLine($"  {process.Name,-11} {process.Address}  (process group {process.ProcessId})");
        Console.WriteLine();
        await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task ServeGatewayAsync(IConfigurationRoot configuration, bool isQuiet, CancellationToken ct)
    {
        await using var app = GatewayApplication.Build(configuration);
        await StartAsync(app, ct);
        var tls = configuration.Read<GatewayOptions>().TlsPort >= 0;
        if (!isQuiet)
        {
            Console.WriteLine($"""

                  The gateway is ready.

                  Address    {AddressOf(app, configuration, tls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp)}
                  Routes     mneme gateway routes
                  Stop       Ctrl-C

                """);
        }

        await app.WaitForShutdownAsync(ct);
    }

    private static string AddressOf(WebApplication app, IConfiguration configuration, string scheme)
    {
        var listening = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(address => address.StartsWith(scheme + ":", StringComparison.Ordinal));
        return configuration.Read<HttpOptions>().PublicUrl?.ToString().TrimEnd('/') ?? listening.Replace("127.0.0.1", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
    }

    private static async Task ServeAsync(IConfigurationRoot configuration, TargetChoice choice, bool isQuiet, CancellationToken ct)
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddPlatformLogging(configuration));
        await using var database = await DatabaseAccess.StartAsync(configuration, loggers, ct);
        await using var app = MnemeApplication.Build(
            [.. ServiceCatalog.All.Where(service => choice.Services.Contains(service.Name, StringComparer.Ordinal))], configuration, database.Server);
        if (configuration.Read<DatabaseOptions>().MigrateAtStart)
            await app.Services.MigrateAsync(ct);
        else
            await app.Services.VerifySchemaAsync(ct);
        await StartAsync(app, ct);
        if (!isQuiet)
            PrintWelcome(AddressOf(app, configuration, Uri.UriSchemeHttp), configuration, database.OwnsCluster);
        await app.WaitForShutdownAsync(ct);
    }

    private static async Task StartAsync(WebApplication app, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
        }
        catch (Exception e) when (e is IOException { InnerException: AddressInUseException }
            or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable or SocketError.AccessDenied })
        {
            // What started before the listener would complain about databases that are taken away from it.
            await app.StopAsync(CancellationToken.None);
            throw new OperatorException(
                $"cannot listen: {e.Message.TrimEnd('.')}. Stop what listens there, or choose another port: --port (Http__Port) for the API, Http__ManagementPort for metrics, Gateway__TlsPort for HTTPS, Ask__Port for other processes. `mneme doctor` checks both.");
        }
    }

    private static int PrintTargets(IConfiguration configuration)
    {
        var catalog = ServiceCatalog.Describe(configuration);
        Console.WriteLine($"{Targets.All,-12} every service in one process; needs no broker");
        foreach (var service in catalog)
        {
            Console.WriteLine(service.Name);
            foreach (var (_, reason) in Targets.Needs(service, catalog))
                Console.WriteLine($"{"",-12} {reason}");
        }

        Console.WriteLine($"{Targets.Gateway,-12} none of these: stands before processes that run them, and needs no broker and no database");
        Console.WriteLine("\nWithout a broker (MESSAGING_BACKEND=inprocess), what is named on a line must run in one process. With one, services in other\nprocesses are asked over HTTP/2 with mutual TLS: Ask__Port, Ask__Addresses__NAME or Ask__Discovery, and `mneme certs`.");
        return 0;
    }

    private static void PrintWelcome(string address, IConfiguration configuration, bool ownsCluster)
    {
        var data = Path.GetFullPath(configuration.Read<DataOptions>().Folder);
        Console.WriteLine($"""

              Mneme is ready.

              Address    {address}
              API page   {address}/docs
              Data       {data}{(ownsCluster ? "" : " (files; the database is at Database__Url)")}
              Mail       {Path.Combine(data, "mail")}
              Stop       Ctrl-C

            """);
    }
}
