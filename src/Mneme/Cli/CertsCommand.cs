using System.CommandLine;
using System.Globalization;
using Mneme.Platform.Configuration;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Cli;

/// <summary>A step of replacing the certificate authority.</summary>
internal enum AuthorityStep
{
    Announce,
    Adopt,
    Retire,
}

/// <summary><c>mneme certs</c>: the certificates by which services in different processes know each other. docs/asking.md explains them.</summary>
internal static class CertsCommand
{
    private static readonly Argument<string[]> Services = new("services") { Description = "Services, or all.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Force = new("--force") { Description = "Renew every certificate, whatever its age." };
    private static readonly Option<AuthorityStep?> Authority = new("--authority") { Description = "Replace the authority: announce, then adopt, then retire." };

    public static Command Create() => new("certs", "Certificates by which services in different processes know each other.")
    {
        Verb("init", "Make a certificate authority.", Init),
        Verb("issue", "Make keys and certificates for services.", Issue, Services),
        Verb("rotate", "Renew certificates that are in the last third of their life.", Rotate, Force, Authority),
        Verb("status", "List certificates; exit status 1 if something is wrong with one.", Status),
    };

    private static Command Verb(string name, string description, Func<CertificateKeeper, ParseResult, int> run, params Symbol[] symbols)
    {
        var command = new Command(name, description).WithHostOptions();
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }

        command.SetAction(result =>
        {
            var configuration = result.Configuration();
            HostOptions.Verify(configuration);
            var options = configuration.Read<CertificateOptions>();
            return run(new CertificateKeeper(options, options.FolderIn(configuration.Read<DataOptions>()), TimeProvider.System), result);
        });
        return command;
    }

    private static int Init(CertificateKeeper keeper, ParseResult result)
    {
        keeper.Init();
        Console.WriteLine($"The authority is in {keeper.Folder}. Keep ca.key where certificates are issued, and nowhere else. Next: mneme certs issue all");
        return 0;
    }

    private static int Issue(CertificateKeeper keeper, ParseResult result)
    {
        var known = Targets.WithCertificate;
        var named = result.GetValue(Services)!.SelectMany(names => names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        if (named.FirstOrDefault(name => name != Targets.All && !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw new OperatorException($"there is no service '{unknown}'. There are: {Targets.All}, {string.Join(", ", known)}.");
        IReadOnlyList<string> services = named.Contains(Targets.All, StringComparer.Ordinal) ? known : [.. named.Distinct(StringComparer.Ordinal)];
        keeper.Issue(services);
        Console.WriteLine($"Issued for {string.Join(", ", services)} in {keeper.Folder}. A machine needs ca.pem, and NAME.pem and NAME.key of the services that run there.");
        return 0;
    }

    private static int Rotate(CertificateKeeper keeper, ParseResult result)
    {
        switch (result.GetValue(Authority))
        {
            case AuthorityStep.Announce:
                keeper.AnnounceAuthority();
                Console.WriteLine($"The next authority is announced in {keeper.Folder}. Copy ca.pem to every machine, then: mneme certs rotate --authority adopt");
                return 0;
            case AuthorityStep.Adopt:
                PrintRenewed(keeper.AdoptAuthority());
                Console.WriteLine("The next authority signs now. When every machine has its new certificates: mneme certs rotate --authority retire");
                return 0;
            case AuthorityStep.Retire:
                keeper.RetireAuthorities();
                Console.WriteLine("Former authorities are not trusted any more. Copy ca.pem to every machine.");
                return 0;
            default:
                PrintRenewed(keeper.Rotate(result.GetValue(Force)));
                return 0;
        }
    }

    private static void PrintRenewed(IReadOnlyList<string> services) =>
        Console.WriteLine(services.Count == 0 ? "No certificate is due for renewal." : $"Renewed: {string.Join(", ", services)}. Running processes take the files up by themselves.");

    private static int Status(CertificateKeeper keeper, ParseResult result)
    {
        var now = TimeProvider.System.GetUtcNow();
        var rows = keeper.Status();
        Console.WriteLine($"{"subject",-26} {"not before",-16} {"not after",-16} {"days left",9}  remark");
        foreach (var row in rows)
        {
            var validity = row.NotAfter == DateTimeOffset.MinValue ? $"{"–",-16} {"–",-16} {"–",9}" : string.Create(
                CultureInfo.InvariantCulture, $"{row.NotBefore.UtcDateTime:yyyy-MM-dd HH:mm} {row.NotAfter.UtcDateTime:yyyy-MM-dd HH:mm} {Math.Floor((row.NotAfter - now).TotalDays),9:0}");
            Console.WriteLine($"{row.Subject,-26} {validity}  {row.Remark}");
            if (row.Problem is not null)
                Console.WriteLine($"{"",-26} → {row.Problem}");
        }

        var wrong = rows.Count(row => row.Problem is not null);
        Console.WriteLine(wrong == 0 ? "Everything is in order." : $"{wrong} of {rows.Count} certificates need attention.");
        return wrong == 0 ? 0 : 1;
    }
}
