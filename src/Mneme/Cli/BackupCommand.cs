using System.CommandLine;
using System.Reflection;
using Mneme.Platform.Configuration;
using Mneme.Platform.Hosting;
using Mneme.Platform.Persistence;
using Mneme.Platform.Persistence.Backup;
using Mneme.Platform.Persistence.Cluster;
using Spectre.Console;

namespace Mneme.Cli;

/// <summary><c>mneme backup</c> and <c>mneme restore</c>: one consistent archive of all databases and files. docs/data.md explains them.</summary>
internal static class BackupCommand
{
    private static readonly Argument<string> File = new("file") { Description = "The archive." };
    private static readonly Option<bool> Force = new("--force") { Description = "Replace an archive that exists." };

    public static Command CreateBackup()
    {
        var command = new Command("backup", "Save all databases and files in one archive. The program may be running.") { File, Force }.WithHostOptions();
        command.SetAction((result, ct) => RunAsync(result, "saved in", Backups.SaveAsync, ct));
        return command;
    }

    public static Command CreateRestore()
    {
        var command = new Command("restore", "Restore an archive into an empty data folder.") { File }.WithHostOptions();
        command.SetAction((result, ct) => RunAsync(result, "restored from", Backups.RestoreAsync, ct));
        return command;
    }

    private delegate Task<BackupManifest> Work(
        BackupOptions options, string file, IProgress<BackupProgress>? progress, ILogger logger, TimeProvider time, CancellationToken ct);

    private static async Task<int> RunAsync(ParseResult result, string done, Work work, CancellationToken ct)
    {
        var configuration = result.Configuration();
        HostOptions.Verify(configuration);
        using var loggers = LoggerFactory.Create(logging => logging.AddPlatformLogging(configuration).SetMinimumLevel(LogLevel.Warning));
        var file = Path.GetFullPath(result.GetValue(File)!);
        var options = Options(configuration, result.GetValue(Force));
        BackupManifest? manifest = null;
        // Progress goes to standard error, so that scripts can read what is printed.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Status().StartAsync("…", async status => manifest = await work(
            options, file, new Report(progress => status.Status(Markup.Escape($"{progress.Step} {progress.Item} ({progress.Bytes / 1024.0 / 1024.0:0.0} MiB)"))),
            loggers.CreateLogger("Mneme.Backup"), TimeProvider.System, ct));
        Console.WriteLine($"{manifest!.Databases.Count} databases with {manifest.Databases.Sum(d => d.Rows.Values.Sum())} rows and the files beside them are {done} {file}.");
        return 0;
    }

    private static BackupOptions Options(IConfiguration configuration, bool overwrite)
    {
        var database = configuration.Read<DatabaseOptions>();
        try
        {
            return new BackupOptions
            {
                Cluster = new PrivateClusterOptions { DataFolder = Path.GetFullPath(configuration.Read<DataOptions>().Folder) },
                ServerConnectionString = database.Url is { Length: > 0 } url ? DatabaseServer.ParseUrl(url) : null,
                Databases = database.Url is { Length: > 0 }
                    ? [.. ServiceCatalog.Describe(configuration).Where(s => s.Database is not null).Select(s => new DatabaseServer("", database.Prefix).NameOf(s.Name))]
                    : null,
                ProgramVersion = typeof(BackupCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
                Overwrite = overwrite,
            };
        }
        catch (FormatException e)
        {
            throw new OperatorException(e.Message);
        }
    }

    private sealed class Report(Action<BackupProgress> show) : IProgress<BackupProgress>
    {
        void IProgress<BackupProgress>.Report(BackupProgress value) => show(value);
    }
}
