using Mneme.Cli;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Hosting;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.RabbitMq;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Split;

/// <summary>
/// Every service in a process of its own on this machine, with the database, a broker and the gateway: what an orchestrator does elsewhere, for trying it out and for the tests. Ends together.
/// </summary>
internal sealed class SplitInstallation : IAsyncDisposable
{
    private readonly DatabaseAccess _database;
    private readonly LocalRabbitMq? _broker;
    private readonly IReadOnlyList<SupervisedProcess> _processes;

    private SplitInstallation(DatabaseAccess database, LocalRabbitMq? broker, IReadOnlyList<SupervisedProcess> processes) =>
        (_database, _broker, _processes) = (database, broker, processes);

    /// <summary>The broker that the events travel over.</summary>
    public required string Backend { get; init; }

    /// <summary>The address that people reach it by, without a slash at its end.</summary>
    public required string PublicUrl { get; init; }

    public IReadOnlyList<SupervisedProcess> Processes => _processes;

    public bool OwnsCluster => _database.OwnsCluster;

    /// <summary>Starts everything; returns when everything is ready.</summary>
    /// <exception cref="OperatorException">Something did not start; nothing is left running.</exception>
    public static async Task<SplitInstallation> StartAsync(IConfigurationRoot configuration, ILoggerFactory loggers, CancellationToken ct)
    {
        var (catalog, options) = (ServiceCatalog.Describe(configuration), configuration.Read<SplitOptions>());
        if (options.UnknownServices([.. catalog.Select(service => service.Name)]).FirstOrDefault() is { } unknown)
            throw new OperatorException($"Split__Instances__{unknown}: there is no service '{unknown}'. There are: {Targets.All}, {string.Join(", ", catalog.Select(service => service.Name))}.");
        var database = await DatabaseAccess.StartAsync(configuration, loggers, ct, SplitPlan.Connections(catalog, options, configuration.Read<DatabaseOptions>()));
        LocalRabbitMq? broker = null;
        var processes = new List<SupervisedProcess>();
        try
        {
            // Not before the data folder is this program's.
            IssueCertificates(configuration);
            var backend = configuration.Read<MessagingOptions>().Backend;
            if (backend == MessagingOptions.InProcess)
            {
                backend = new RabbitMqBackend().Name;
                broker = await StartBrokerAsync(configuration, ct);
            }

            var http = configuration.Read<HttpOptions>();
            var port = http.Port > 0 ? http.Port : LoopbackPort.Free();
            var common = Common(database, backend, broker);
            common["Http__PublicUrl"] = http.PublicUrl?.ToString().TrimEnd('/') ?? $"http://localhost:{port}";
            var transport = configuration.Read<AskOptions>().Transport;
            if (transport == AskTransport.Broker && !ServiceCatalog.AskingBackends.ContainsKey(backend))
                throw new OperatorException(Targets.CannotCarryAsks(backend));
            var plan = SplitPlan.Of(catalog, options, port, common, transport, LoopbackPort.Free);
            var inherited = configuration.AsEnumerable().Where(setting => setting.Value is not null)
                .ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value, StringComparer.OrdinalIgnoreCase);
            var logger = loggers.CreateLogger<SplitInstallation>();
            foreach (var planned in plan)
            {
                // The gateway comes last, when everybody can be found: what it had asked too early it would leave alone until it asks again.
                if (planned.Target == Targets.Gateway)
                    await Task.WhenAll(processes.Select(process => process.WaitUntilReadyAsync(ct)));
                var process = new SupervisedProcess(planned, [.. Executable.Command, "serve", "--target", planned.Target, "--quiet"], inherited, logger);
                processes.Add(process);
                process.Start();
            }

            await processes[^1].WaitUntilReadyAsync(ct);
            return new SplitInstallation(database, broker, processes) { Backend = backend, PublicUrl = common["Http__PublicUrl"]! };
        }
        catch
        {
            await using (new SplitInstallation(database, broker, processes) { Backend = "", PublicUrl = "" })
                throw;
        }
    }

    /// <summary>Stops taking requests first, then works off what is there, then takes away what that needed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_processes.FirstOrDefault(process => process.Target == Targets.Gateway) is { } gateway)
            await gateway.DisposeAsync();
        await Task.WhenAll(_processes.Where(process => process.Target != Targets.Gateway).Select(process => process.DisposeAsync().AsTask()));
        if (_broker is not null)
            await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static async Task<LocalRabbitMq> StartBrokerAsync(IConfiguration configuration, CancellationToken ct)
    {
        try
        {
            var broker = new LocalRabbitMq(Path.Combine(Path.GetFullPath(configuration.Read<DataOptions>().Folder), "rabbitmq"));
            await broker.StartAsync(ct);
            return broker;
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidOperationException)
        {
            throw new OperatorException(e.Message);
        }
    }

    private static void IssueCertificates(IConfiguration configuration)
    {
        var options = configuration.Read<CertificateOptions>();
        var keeper = new CertificateKeeper(options, options.FolderIn(configuration.Read<DataOptions>()), TimeProvider.System);
        if (!File.Exists(Path.Combine(keeper.Folder, "ca.pem")))
            keeper.Init();
        var known = keeper.Status();
        var missing = Targets.WithCertificate.Where(name => !known.Any(row => row.Subject == name)).ToList();
        if (missing.Count > 0)
            keeper.Issue(missing);
        keeper.Rotate(force: false);
    }

    private static Dictionary<string, string?> Common(DatabaseAccess database, string backend, LocalRabbitMq? broker)
    {
        var common = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Database__Url"] = database.Server.BaseConnectionString,
            ["Messaging__Backend"] = backend,
            ["MESSAGING_BACKEND"] = backend,
            ["Logging__Format"] = Console.IsOutputRedirected ? null : "Text",
        };
        if (broker is not null)
            common["RabbitMq__Url"] = broker.Url.ToString();
        return common;
    }
}
