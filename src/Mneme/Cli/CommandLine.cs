using System.CommandLine;
using Mneme.Gateway;
using Mneme.Platform.Persistence;
using Mneme.Platform.Persistence.Backup;
using Mneme.Platform.Persistence.Cluster;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Cli;

/// <summary>The commands of <c>mneme</c>. Errors that an operator can do something about are one line and exit status 1, wrong usage is 2.</summary>
internal static class CommandLine
{
    /// <summary>After so long a stopping program is ended, whatever it is doing.</summary>
    public static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(45);

    private const int WrongUsage = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Mneme turns what you read into what you remember.")
        {
            ServeCommand.Create(),
            MigrateCommand.Create(),
            BackupCommand.CreateBackup(),
            BackupCommand.CreateRestore(),
            DoctorCommand.Create(),
            UserCommand.Create(),
            DeadLettersCommand.Create(),
            CertsCommand.Create(),
            GatewayCommand.Create(),
            StudyCommand.Create(),
            DeploymentCommand.Create(),
            DocumentConfigurationCommand.Create(),
            RunJobsCommand.Create(),
        };
        try
        {
            var parsed = root.Parse(args);
            var status = await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = ShutdownLimit });
            return parsed.Errors.Count > 0 ? WrongUsage : status;
        }
        catch (Exception e) when (e is SettingsException or ClusterException or MigrationException or BackupException or CertificateException or TlsCertificateException or OperatorException or DllNotFoundException)
        {
            await Console.Error.WriteLineAsync($"mneme: {e.Message}");
            return 1;
        }
        catch (Exception e) when (DatabaseFailure.IsUnavailable(e))
        {
            await Console.Error.WriteLineAsync($"mneme: the database cannot be reached: {e.GetBaseException().Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("mneme: cancelled.");
            return 130;
        }
    }
}

/// <summary>Something that an operator can mend; the message says how.</summary>
internal sealed class OperatorException(string message) : Exception(message);
