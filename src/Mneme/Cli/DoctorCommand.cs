using System.CommandLine;
using System.Runtime.InteropServices;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Persistence.Cluster;
using Mneme.Platform.Security.Certificates;
using Npgsql;

namespace Mneme.Cli;

/// <summary><c>mneme doctor</c>: checks a machine and a configuration, and says what to do about each finding.</summary>
internal static class DoctorCommand
{
    private const long LeastFreeBytes = 1L << 30;

    public static Command Create()
    {
        var command = new Command("doctor", "Check this machine and the configuration, and say what to do about each finding.").WithHostOptions();
        command.SetAction(async (result, ct) =>
        {
            var checks = new List<Check>();
            await foreach (var check in RunAsync(result, ct))
            {
                Console.WriteLine($"{(check.IsFine ? "ok  " : "FAIL")}  {check.Subject,-16} {check.Finding}");
                if (!check.IsFine)
                    Console.WriteLine($"      {"",-16} → {check.Advice}");
                checks.Add(check);
            }

            var failed = checks.Count(check => !check.IsFine);
            Console.WriteLine(failed == 0 ? "Everything is in order." : $"{failed} of {checks.Count} checks failed.");
            return failed == 0 ? 0 : 1;
        });
        return command;
    }

    private static async IAsyncEnumerable<Check> RunAsync(ParseResult result, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var configuration = result.Configuration();
        yield return Check.Fine("runtime", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores");
        var findings = ConfigurationCheck.Run(configuration, ServiceCatalog.OptionsTypes(configuration));
        if (findings.Count > 0)
        {
            foreach (var finding in findings)
                yield return Check.Failed("configuration", finding, "Correct it in the environment or in mneme.json; docs/configuration.md lists every setting.");
            yield break;
        }

        yield return Check.Fine("configuration", "every value is valid");
        var choice = Targets.Choose(Targets.All, ServiceCatalog.Describe(configuration), configuration.Read<MessagingOptions>().Backend, configuration.Read<AskOptions>());
        yield return choice.IsLegal ? Check.Fine("target", $"{choice.Services.Count} services") : Check.Failed("target", choice.Refusals[0], "See `mneme serve --list-targets`.");
        var folder = Path.GetFullPath(configuration.Read<DataOptions>().Folder);
        yield return DataFolder(folder);
        yield return Zones();
        yield return await DatabaseAsync(configuration, folder, ct);
        var http = configuration.Read<HttpOptions>();
        yield return PortOf("port", http.Bind, http.Port, "Http__Port (or --port)");
        var ask = configuration.Read<AskOptions>();
        yield return PortOf("ask port", ask.Bind, ask.Port, "Ask__Port");
        if (ask.Port >= 0 || ask.IsConfigured)
            yield return Certificates(configuration, choice.Services);
        yield return PortOf("management port", http.ManagementBind, http.ManagementPort, "Http__ManagementPort");
    }

    private static Check DataFolder(string folder)
    {
        if (File.Exists(folder))
            return Check.Failed("data folder", $"{folder} is a file", "Choose another folder with --data.");
        try
        {
            var existing = folder;
            while (!Directory.Exists(existing))
                existing = Path.GetDirectoryName(existing)!;
            var probe = Path.Combine(existing, $".mneme-doctor-{Environment.ProcessId}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
                var free = new DriveInfo(existing).AvailableFreeSpace;
                return free >= LeastFreeBytes
                    ? Check.Fine("data folder", $"{folder} can be written, {free >> 30} GiB free")
                    : Check.Failed("data folder", $"{folder} has only {free >> 20} MiB free", "Free some space, or choose another folder with --data.");
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return Check.Failed("data folder", $"{folder} cannot be written: {e.Message}", "Choose another folder with --data, or give this user the right to write there.");
        }
    }

    private static Check Certificates(IConfiguration configuration, IReadOnlyList<string> services)
    {
        try
        {
            AskAccess.Verify(configuration, services);
            return Check.Fine("certificates", "there is a valid one for each service");
        }
        catch (CertificateException e)
        {
            return Check.Failed("certificates", e.Message, "`mneme certs status` lists them.");
        }
    }

    private static Check Zones() => TimeZoneInfo.TryFindSystemTimeZoneById("Pacific/Auckland", out _)
        ? Check.Fine("time zones", "known")
        : Check.Failed("time zones", "the machine knows no time zones, so reminders would come at the wrong hour", "apt-get install tzdata");

    private static async Task<Check> DatabaseAsync(IConfiguration configuration, string folder, CancellationToken ct)
    {
        try
        {
            if (configuration.Read<DatabaseOptions>().Url is { Length: > 0 } url)
                return await ServerAsync("the server at Database__Url", DatabaseServer.ParseUrl(url), ct);
            if (PrivateCluster.FindRunning(folder) is { } running)
                return await ServerAsync($"the private cluster (process {running.ProcessId})", running.ConnectionString("postgres"), ct);
            var version = PrivateCluster.FindVersion(new PrivateClusterOptions { DataFolder = folder });
            return Check.Fine("database", $"PostgreSQL {version} is installed; the private cluster is not running now");
        }
        catch (Exception e) when (e is ClusterException or FormatException)
        {
            return Check.Failed("database", e.Message, "./mneme setup installs PostgreSQL's server; docs/data.md explains the rest.");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return Check.Failed("database", $"the server does not answer: {e.GetBaseException().Message}", "Check Database__Url, and that the server runs and admits this user.");
        }
    }

    private static async Task<Check> ServerAsync(string what, string connectionString, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand("select current_setting('server_version_num')::int, current_setting('fsync'), current_setting('max_connections')::int", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var (version, fsync, connections) = (reader.GetInt32(0) / 10_000, reader.GetString(1), reader.GetInt32(2));
        return version < 15 ? Check.Failed("database", $"{what} has version {version}", "Use PostgreSQL 15 or newer.")
            : fsync != "on" ? Check.Failed("database", $"{what} runs with fsync off: a power cut loses data", "Set fsync = on.")
            : connections < 80 ? Check.Failed("database", $"{what} allows {connections} connections", "Set max_connections to 100 or more.")
            : Check.Fine("database", $"{what} answers: PostgreSQL {version}, {connections} connections");
    }

    private static Check PortOf(string subject, string bind, int port, string setting)
    {
        if (port <= 0)
            return Check.Fine(subject, port == 0 ? "any free one" : "off");
        if (!System.Net.IPAddress.TryParse(bind, out var address))
            return Check.Failed(subject, $"'{bind}' is not an address of this machine", $"Use 127.0.0.1, 0.0.0.0 or one of this machine's addresses with {setting.Replace("Port", "Bind", StringComparison.Ordinal)}.");
        using var listener = new System.Net.Sockets.TcpListener(address, port);
        try
        {
            listener.Start();
            return Check.Fine(subject, $"{bind}:{port} is free");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            return Check.Failed(subject, $"{bind}:{port} cannot be used: {e.Message}", $"If Mneme runs already, all is well; else choose another with {setting}.");
        }
    }

    private sealed record Check(string Subject, bool IsFine, string Finding, string Advice)
    {
        public static Check Fine(string subject, string finding) => new(subject, true, finding, "");

        public static Check Failed(string subject, string finding, string advice) => new(subject, false, finding, advice);
    }
}
