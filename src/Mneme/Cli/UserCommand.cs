using System.CommandLine;
using Mneme.Identity;
using Mneme.Platform.Domain;
using Mneme.Platform.Hosting;

namespace Mneme.Cli;

/// <summary><c>mneme user</c>: the first administrator, and help for those who are locked out.</summary>
internal static class UserCommand
{
    private static readonly Option<string> Email = new("--email") { Description = "The account's address.", Required = true };
    private static readonly Option<string> Role = new("--role") { Description = "USER, TEACHER or ADMIN.", DefaultValueFactory = _ => "USER" };
    private static readonly Option<string> Name = new("--name") { Description = "Name to address the person by.", Required = true };
    private static readonly Option<string?> Password = new("--password") { Description = "Visible to other users of this machine; without it, it is asked for or read from standard input." };

    public static Command Create()
    {
        var create = new Command("create", "Make an account, whatever Identity__Registration says.") { Email, Name, Role, Password }.WithHostOptions();
        create.SetAction((result, ct) => RunAsync(result, "is made", (services, email) =>
            UserAdministration.CreateAsync(services, email, result.GetValue(Name)!, result.GetValue(Role)!, result.GetValue(Password) ?? ReadPassword(), ct), ct));
        var role = new Command("set-role", "Give an account another role, and end its sessions.") { Email, Role }.WithHostOptions();
        role.SetAction((result, ct) => RunAsync(result, "has its new role", (services, email) => UserAdministration.SetRoleAsync(services, email, result.GetValue(Role)!, ct), ct));
        var disable = new Command("disable", "Close an account, and end its sessions.") { Email }.WithHostOptions();
        disable.SetAction((result, ct) => RunAsync(result, "is closed", (services, email) => UserAdministration.DisableAsync(services, email, isDisabled: true, ct), ct));
        var enable = new Command("enable", "Open a closed account.") { Email }.WithHostOptions();
        enable.SetAction((result, ct) => RunAsync(result, "is open", (services, email) => UserAdministration.DisableAsync(services, email, isDisabled: false, ct), ct));
        return new Command("user", "Accounts: create, set-role, disable, enable.") { create, role, disable, enable };
    }

    private static async Task<int> RunAsync(ParseResult result, string done, Func<IServiceProvider, string, Task<Outcome<AdministeredUser>>> act, CancellationToken ct)
    {
        var configuration = result.Configuration();
        HostOptions.Verify(configuration);
        await using var installation = await Installation.OpenAsync(configuration, ct);
        await installation.Services.MigrateAsync(ct);
        var outcome = await act(installation.Services, result.GetValue(Email)!);
        if (outcome.Problem is { } problem)
        {
            var details = problem.Errors is null ? "" : "\n  - " + string.Join("\n  - ", problem.Errors.SelectMany(error => error.Value.Select(message => $"{error.Key}: {message}")));
            throw new OperatorException(problem.Detail + details);
        }

        Console.WriteLine($"The account {result.GetValue(Email)} {done}.");
        return 0;
    }

    private static string ReadPassword()
    {
        if (Console.IsInputRedirected)
            return Console.ReadLine() ?? throw new OperatorException("Give the password with --password or on standard input.");
        Console.Error.Write("Password: ");
        var password = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                password.Length = Math.Max(0, password.Length - 1);
            else
                password.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return password.ToString();
    }
}
