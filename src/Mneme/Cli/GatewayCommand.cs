using System.CommandLine;
using System.Globalization;
using Mneme.Gateway;
using Mneme.Gateway.Export;
using Mneme.Platform.Asking;
using Mneme.Platform.Http;

namespace Mneme.Cli;

/// <summary>Proxies that <c>mneme gateway export</c> writes for.</summary>
internal enum ExportFormat
{
    Traefik,
    Haproxy,
}

/// <summary><c>mneme gateway</c>: what the gateway routes where, for people.</summary>
internal static class GatewayCommand
{
    private static readonly Option<ExportFormat> Format = new("--format") { Description = "The other proxy.", Required = true };

    public static Command Create() => new("gateway", "The routes of the gateway (`mneme serve --target gateway`).")
    {
        Verb("export", "Print a configuration of another proxy that routes the same.", ExportAsync, Format),
        Verb("routes", "List every operation with its service and who may call it.", PrintRoutesAsync),
    };

    private static Command Verb(string name, string description, Func<IConfiguration, ParseResult, Task<int>> run, params Option[] options)
    {
        var command = new Command(name, description).WithHostOptions();
        foreach (var option in options)
            command.Add(option);
        command.SetAction((result, _) =>
        {
            var configuration = result.Configuration();
            HostOptions.Verify(configuration);
            return run(configuration, result);
        });
        return command;
    }

    private static async Task<int> PrintRoutesAsync(IConfiguration configuration, ParseResult result)
    {
        var (options, consul) = (configuration.Read<GatewayOptions>(), configuration.Read<AskOptions>().Consul);
        await using var catalogue = GatewayApplication.Catalogue(configuration);
        foreach (var service in catalogue.Table.Services)
        {
            var canary = options.CanaryOf(service);
            var destinations = options.IsFound(service) ? $"{consul.HttpNameOf(service)} in Consul"
                : options.DestinationsOf(service) is { Count: > 0 } configured ? string.Join(", ", configured)
                : $"no destination (Gateway__Destinations__{service})";
            Console.WriteLine($"{service}: {destinations}"
                + (canary.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {options.CanaryWeightOf(service)} % to {string.Join(", ", canary)}")));
            foreach (var operation in catalogue.Table.Operations.Where(operation => operation.Service == service))
                Console.WriteLine($"  {string.Join(',', operation.Methods),-7} {operation.PublicPattern,-90} {operation.Ownership.ToString().ToLowerInvariant()}");
        }

        return 0;
    }

    private static async Task<int> ExportAsync(IConfiguration configuration, ParseResult result)
    {
        GatewayApplication.Verify(configuration);
        var (options, http) = (configuration.Read<GatewayOptions>(), configuration.Read<HttpOptions>());
        await using var catalogue = GatewayApplication.Catalogue(configuration);
        Console.Write(result.GetValue(Format) == ExportFormat.Traefik ? TraefikExport.Write(catalogue.Table, options, http) : HaproxyExport.Write(catalogue.Table, options, http));
        return 0;
    }
}
