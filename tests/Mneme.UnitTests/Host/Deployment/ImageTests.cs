using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Mneme.Deployment;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Http;
using Mneme.Platform.Security.Certificates;

namespace Mneme.UnitTests.Host.Deployment;

public sealed partial class ImageTests
{
    /// <summary>Instruction and arguments of each logical line.</summary>
    private static readonly IReadOnlyList<(string Instruction, string Arguments)> Lines =
        [.. string.Join('\n', File.ReadAllLines(Repository.File("deploy/Dockerfile")).Where(line => !line.StartsWith('#'))).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2, StringSplitOptions.TrimEntries)).Select(parts => (parts[0], Regex.Replace(parts[1], " +", " ", RegexOptions.NonBacktracking)))];

    [Fact]
    public void What_is_copied_exists_and_is_sent_to_the_engine()
    {
        var sent = File.ReadAllLines(Repository.File(".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        var sources = Of("COPY").Where(arguments => !arguments.StartsWith("--from", StringComparison.Ordinal)).SelectMany(arguments => arguments.Split(' ')[..^1]).Select(source => source.TrimEnd('/')).ToList();
        sources.Count.ShouldBeGreaterThan(5);
        foreach (var source in sources)
            Path.Exists(Repository.File(source)).ShouldBeTrue(source);
        sent.ShouldBe(sources, ignoreOrder: true);
        File.ReadAllLines(Repository.File(".dockerignore")).ShouldContain("*");
    }

    [Fact]
    public void The_program_is_published_as_the_launcher_does_it()
    {
        var publish = Of("RUN").Single(command => command.Contains("dotnet publish", StringComparison.Ordinal));
        var launcher = File.ReadAllText(Repository.File("mneme"));
        foreach (var option in (string[])["--self-contained false", "-p:PublishReadyToRun=true"])
        {
            launcher.ShouldContain(option);
            publish.ShouldContain(option);
        }

        publish.ShouldContain("publish src/Mneme -r linux-x64");
    }

    [Fact]
    public void Its_bases_are_pinned_and_it_is_a_slim_debian()
    {
        var defaults = Of("ARG").Select(argument => argument.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var bases = Of("FROM").Select(from => Regex.Replace(from.Split(' ')[0], @"\$\{(\w+)\}", match => defaults[match.Groups[1].Value], RegexOptions.NonBacktracking)).ToList();
        bases.ShouldAllBe(image => Regex.IsMatch(image, @":[0-9]+\.[0-9]+(-slim)?$", RegexOptions.NonBacktracking));
        bases[^1].ShouldStartWith("debian:12.");
        bases[^1].ShouldEndWith("-slim");
        defaults["VERSION"].ShouldBe(ComposeServices.Version);
    }

    [Fact]
    public void It_runs_as_a_user_by_number_who_is_not_root()
    {
        Of("USER").Last().ShouldBe($"{KubernetesTarget.UserId}:{KubernetesTarget.UserId}");
        Of("ENTRYPOINT").ShouldHaveSingleItem().ShouldBe("[\"/opt/mneme/mneme\"]");
        Of("HEALTHCHECK").ShouldHaveSingleItem().ShouldContain("/opt/mneme/bin/healthcheck");
        Of("EXPOSE").ShouldHaveSingleItem().ShouldBe($"{new HttpOptions().Port} {new AskOptions().DnsPort} {new HttpOptions().ManagementPort}");
        foreach (var helper in (string[])["healthcheck", "keep-certificates"])
        {
#pragma warning disable CA1416 // the program runs on Linux only
            File.GetUnixFileMode(Repository.File($"deploy/image/{helper}")).HasFlag(UnixFileMode.OtherExecute).ShouldBeTrue(helper);
#pragma warning restore CA1416
        }
    }

    [Fact]
    public void Its_settings_are_known_and_open_the_listeners_to_other_containers()
    {
        var settings = Of("ENV").SelectMany(arguments => arguments.Split(' ')).Select(setting => setting.Split('=', 2)).Where(setting => setting[0].Contains("__", StringComparison.Ordinal));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting[0].Replace("__", ":", StringComparison.Ordinal), (string?)setting[1]))).Build();
        ConfigurationCheck.Run(configuration, ServiceCatalog.OptionsTypes(configuration)).ShouldBeEmpty();
        var http = configuration.Read<HttpOptions>();
        (http.Bind, http.ManagementBind, configuration.Read<AskOptions>().Bind).ShouldBe(("0.0.0.0", "0.0.0.0", "0.0.0.0"));
        configuration.Read<DataOptions>().Folder.ShouldBe("/data");
        configuration.Read<CertificateOptions>().Folder.ShouldBe("/certificates");
    }

    [Fact]
    public void Its_packages_are_those_the_documentation_names()
    {
        var install = Of("RUN").Single(command => command.Contains("apt-get install", StringComparison.Ordinal));
        var packages = Packages().Match(install).Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        packages.ShouldContain("librdkafka1");
        packages.ShouldContain("postgresql-client");
        install.ShouldContain("rm -rf /var/lib/apt/lists/*");
        var documentation = File.ReadAllText(Repository.File("docs/deployment.md"));
        foreach (var package in packages)
            documentation.ShouldContain($"`{package}`");
    }

    [GeneratedRegex("--no-install-recommends ([a-z0-9+. -]+?) &&")]
    private static partial Regex Packages();

    private static IEnumerable<string> Of(string instruction) => Lines.Where(line => line.Instruction == instruction).Select(line => line.Arguments);
}
