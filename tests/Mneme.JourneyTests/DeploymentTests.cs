using System.Diagnostics;
using Mneme.JourneyTests.Support;
using Mneme.Platform.Persistence.Cluster;
using Mneme.UnitTests;

namespace Mneme.JourneyTests;

/// <summary>What containers do with the image's program and helpers, without an engine.</summary>
public sealed class DeploymentTests
{
    [Fact]
    public async Task Helpers_of_the_image_hand_certificates_out_renew_them_and_tell_whether_a_target_is_ready()
    {
        using var data = new DataFolder();
        using var own = new DataFolder();
        var scratch = Path.GetDirectoryName(own.Path)!;
        var (authority, certificates) = (Path.Combine(scratch, "authority"), Path.Combine(scratch, "certificates"));
        foreach (var name in (string[])["identity", "study"])
            Directory.CreateDirectory(Path.Combine(certificates, name));
        using var keeper = Helper("keep-certificates", [certificates, "1"], ("Certificates__Folder", authority), ("TMPDIR", scratch), ("MNEME_USER_ID", "0"));
        try
        {
            await Eventually.TrueAsync(() => Task.FromResult(File.Exists(Path.Combine(scratch, "handed-out"))), "certificates are handed out");
            Directory.GetFiles(Path.Combine(certificates, "study")).Select(Path.GetFileName).ShouldBe(["ca.pem", "study.key", "study.pem"], ignoreOrder: true);
            File.Exists(Path.Combine(certificates, "study", "ca.key")).ShouldBeFalse("the authority's key stays where it was made");
            (await MnemeProcess.RunAsync(["certs", "status"], ("Certificates__Folder", Path.Combine(certificates, "identity")))).Status.ShouldBe(0);

            var before = File.ReadAllText(Path.Combine(certificates, "study", "study.pem"));
            (await MnemeProcess.RunAsync(["certs", "rotate", "--force"], ("Certificates__Folder", authority))).Status.ShouldBe(0);
            await Eventually.TrueAsync(() => Task.FromResult(File.ReadAllText(Path.Combine(certificates, "study", "study.pem")) != before), "a renewed certificate is handed out");

            await using var server = await MnemeProcess.StartAsync(data.Path);
            (string, string)[] settings =
            [
                ("Database__Url", PrivateCluster.FindRunning(data.Path)!.ConnectionString("postgres")), ("Database__Prefix", "contained"), ("Database__MigrateAtStart", "false"),
                ("Messaging__Backend", "rabbitmq"), ("RabbitMq__Url", "amqp://nobody:none@127.0.0.1:1/"), ("Ask__Discovery", "Dns"), ("Ask__DnsPattern", "{service}.invalid"), ("Ask__Port", "0"),
                ("Certificates__Folder", Path.Combine(certificates, "identity")), ("Data__Folder", own.Path),
            ];
            var early = await MnemeProcess.RunAsync(["serve", "--target", "identity", "--port", "0"], [.. settings, ("Http__ManagementPort", "0")]);
            early.Status.ShouldBe(1);
            early.Output.ShouldContain("Run `mneme migrate`");
            var migrated = await MnemeProcess.RunAsync(["migrate"], settings);
            migrated.Status.ShouldBe(0, migrated.Output);
            await using (var target = await MnemeProcess.StartAsync(own.Path, ["--target", "identity"], settings))
            {
                (await StatusOfAsync("live", target.Address.Port)).ShouldBe(0);
                await Eventually.TrueAsync(async () => await StatusOfAsync("ready", target.Address.Port) == 0, "the target is ready, broker or not");
                (await StatusOfAsync("nothing", target.Address.Port)).ShouldNotBe(0);
                (await target.TerminateAsync()).ShouldBe(0);
                (await StatusOfAsync("live", target.Address.Port)).ShouldNotBe(0);
            }
        }
        finally
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{keeper.Id}"]);
            await keeper.WaitForExitAsync();
        }

        keeper.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task The_files_of_the_checkout_are_as_the_program_writes_them()
    {
        using var scratch = new DataFolder();
        foreach (var file in Directory.GetFiles(Repository.File("deploy"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(scratch.Path, Path.GetRelativePath(Repository.File("deploy"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var written = await MnemeProcess.RunAsync(["deployment", "write", scratch.Path]);
        written.Status.ShouldBe(0, written.Output);
        written.Output.ShouldContain("is up to date");
        var nowhere = await MnemeProcess.RunAsync(["deployment", "write", Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("n"))]);
        nowhere.Status.ShouldBe(1);
        nowhere.Output.ShouldContain("Copy deploy/ of the source");
    }

    private static async Task<int> StatusOfAsync(string probe, int port)
    {
        using var check = Helper("healthcheck", [probe], ("Http__Port", $"{port}"));
        await check.WaitForExitAsync();
        return check.ExitCode;
    }

    private static Process Helper(string name, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Repository.File($"deploy/image/{name}"), arguments) { UseShellExecute = false };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(MnemeProcess.Program)}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        return Process.Start(start)!;
    }
}
