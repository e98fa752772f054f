using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Configuration;
using Mneme.Platform.Hosting;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.Platform.Jobs;

/// <summary>
/// Runs jobs that burn CPU in a child process of the same executable at the lowest priority, so that they never slow a request down. The child takes the jobs
/// of one service until none is due and ends; there is one at a time.
/// </summary>
public static class HeavyJobs
{
    /// <summary>The hidden command of the executable that is the child.</summary>
    public const string Command = "run-jobs";

    /// <summary>In the child: runs the service's heavy jobs that are due.</summary>
    public static Task RunHereAsync(IServiceProvider services, ServiceDescription service, CancellationToken ct) =>
        PlatformHosting.Worker(services, service, [.. service.Jobs.Where(job => job.Policy.IsHeavy)]).RunUntilNothingIsDueAsync(ct);
}

/// <summary>Starts the child when a heavy job is due.</summary>
internal sealed partial class HeavyJobLoop(
    ServiceDescription service, ServiceRegistry registry, NpgsqlDataSource database, DatabaseServer server, DataOptions data, MessagingOptions options, IConfiguration configuration, Signal signal,
    TimeProvider time, ILogger<HeavyJobLoop> logger)
    : BackgroundLoop($"The heavy jobs of {service.Name}", signal, options.PollInterval * 5, logger)
{
    private static readonly SemaphoreSlim OneAtATime = new(1, 1);

    private readonly JobDefinition[] _definitions = [.. service.Jobs.Where(job => job.Policy.IsHeavy)];
    private bool _recurringInserted;

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        if (!_recurringInserted)
        {
            await JobWorker.InsertRecurringAsync(database, _definitions, time.GetUtcNow(), ct);
            _recurringInserted = true;
        }

        await using var due = database.CreateCommand("""
            select exists (select from jobs where kind = any($1) and failed_at is null and due_at <= $2 and (leased_until is null or leased_until < $2))
            """);
        due.Parameters.Add(new() { Value = _definitions.Select(definition => definition.Kind).ToArray() });
        due.Parameters.Add(new() { Value = time.GetUtcNow() });
        if (await due.ExecuteScalarAsync(ct) is not true)
            return false;
        await OneAtATime.WaitAsync(ct);
        try
        {
            await RunChildAsync(ct);
        }
        finally
        {
            OneAtATime.Release();
        }

        return false;
    }

    private async Task RunChildAsync(CancellationToken ct)
    {
        // setpriv makes the child end with this process, however it ends; nice 19 leaves it what nobody else wants.
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "TERM", "nice", "-n", "19", .. Executable.Command, HeavyJobs.Command, "--service", service.Name, "--target", Neighbours(), "--data", data.Folder])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        // What a file or the command line set must hold in the child as well: with another prefix it would work on other databases.
        foreach (var (key, value) in configuration.AsEnumerable().Where(setting => setting.Value is not null))
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["Database__Url"] = server.BaseConnectionString;
        using var child = Process.Start(start) ?? throw new InvalidOperationException("The child process for heavy jobs could not be started.");
        LogStarted(service.Name, child.Id);
        try
        {
            await child.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            child.Kill();
            throw;
        }

        if (child.ExitCode != 0)
            throw new InvalidOperationException($"The child process for heavy jobs ended with status {child.ExitCode}.");
    }

    // What the child asks is answered where this process would have it answered.
    private string Neighbours() => string.Join(',', registry.Services.Select(s => s.Name));

    [LoggerMessage(Level = LogLevel.Information, Message = "Heavy jobs of {Service} run in process {ProcessId}")]
    private partial void LogStarted(string service, int processId);
}
