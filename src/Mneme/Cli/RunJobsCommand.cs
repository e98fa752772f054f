using System.CommandLine;
using Mneme.Platform.Jobs;

namespace Mneme.Cli;

/// <summary><c>mneme run-jobs</c>: the child process in which a running program does its heavy jobs, at low priority.</summary>
internal static class RunJobsCommand
{
    private static readonly Option<string> Service = new("--service") { Description = "The service whose jobs are run.", Required = true };
    private static readonly Option<string> Target = new("--target") { Description = "The services that run beside it in the program.", DefaultValueFactory = _ => Targets.All };

    public static Command Create()
    {
        var command = new Command(HeavyJobs.Command, "Run a service's heavy jobs until none is due. Started by the program itself.") { Service, Target }.WithHostOptions();
        command.Hidden = true;
        command.SetAction(async (result, ct) =>
        {
            var configuration = result.Configuration();
            var names = result.GetValue(Target)!.Split(',');
            await using var installation = await Installation.OpenAsync(configuration, ct, [.. ServiceCatalog.All.Where(s => names.Contains(Targets.All, StringComparer.Ordinal) || names.Contains(s.Name, StringComparer.Ordinal))]);
            var service = installation.Storing.FirstOrDefault(s => s.Name == result.GetValue(Service))
                ?? throw new OperatorException($"There is no service '{result.GetValue(Service)}'.");
            await HeavyJobs.RunHereAsync(installation.Services, service, ct);
            return 0;
        });
        return command;
    }
}
