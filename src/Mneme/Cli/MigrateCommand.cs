using System.CommandLine;
using Mneme.Platform.Hosting;

namespace Mneme.Cli;

/// <summary><c>mneme migrate</c>: creates the databases that are missing and applies migrations.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var command = new Command("migrate", "Create the databases that are missing, and bring all to this version's schema.").WithHostOptions();
        command.SetAction(async (result, ct) =>
        {
            var configuration = result.Configuration();
            HostOptions.Verify(configuration);
            await using var installation = await Installation.OpenAsync(configuration, ct);
            await installation.Services.MigrateAsync(ct);
            Console.WriteLine("All databases have this version's schema.");
            return 0;
        });
        return command;
    }
}
