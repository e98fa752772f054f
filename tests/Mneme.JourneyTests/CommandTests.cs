using Mneme.JourneyTests.Support;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.JourneyTests;

/// <summary>What an operator does from the shell.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task A_backup_of_the_running_program_is_restored_into_an_empty_folder_with_everything_in_it()
    {
        using var data = new DataFolder();
        using var elsewhere = new DataFolder();
        var archive = Path.Combine(Path.GetDirectoryName(data.Path)!, "backup.tar");
        Learner learner;
        await using (var mneme = await MnemeProcess.StartAsync(data.Path))
        {
            learner = await Learner.RegisterAsync(mneme, "Ada");
            await learner.ReviewAsync((await learner.MakeCardsAsync(1))[0]);
            await Eventually.TrueAsync(async () => await learner.PointsAsync() == 10, "the review counts");
            (await MnemeProcess.RunAsync(["backup", archive, "--data", data.Path])).Status.ShouldBe(0);
        }

        (await MnemeProcess.RunAsync(["restore", archive, "--data", elsewhere.Path])).Status.ShouldBe(0);
        (await MnemeProcess.RunAsync(["restore", archive, "--data", elsewhere.Path])).Status.ShouldBe(1, "the folder is not empty any more");
        await using var restored = await MnemeProcess.StartAsync(elsewhere.Path);
        learner.MoveTo(restored);
        using (learner)
            (await learner.PointsAsync()).ShouldBe(10, "the account, its signing key and its points came along");
    }

    [Fact]
    public async Task Wrong_settings_targets_and_a_second_program_are_refused_with_what_to_do()
    {
        using var data = new DataFolder();
        using var elsewhere = new DataFolder();
        await using var mneme = await MnemeProcess.StartAsync(data.Path);

        var second = await MnemeProcess.RunAsync(["serve", "--port", "0", "--data", data.Path]);
        second.Status.ShouldBe(1);
        second.Output.ShouldContain($"in use by process {mneme.ProcessId}");
        var database = PrivateCluster.FindRunning(data.Path)!.ConnectionString("postgres");
        foreach (var port in (string[])["Http__Port", "Http__ManagementPort"])
        {
            var samePort = await MnemeProcess.RunAsync(
                ["serve"], [("Database__Url", database), ("Data__Folder", elsewhere.Path), ("Http__Port", "0"), ("Http__ManagementPort", "0"), (port, $"{mneme.Address.Port}")]);
            samePort.Status.ShouldBe(1);
            samePort.Output.ShouldContain("mneme: cannot listen: ");
            samePort.Output.ShouldContain("address already in use", Case.Insensitive);
            samePort.Output.ShouldContain("choose another port: --port (Http__Port)");
            samePort.Output.ShouldNotContain("database cannot be reached");
        }

        var setting = await MnemeProcess.RunAsync(["serve", "--verify-config"], ("Http__Prot", "1"), ("Messaging__BatchSize", "many"));
        setting.Status.ShouldBe(1);
        setting.Output.ShouldContain("Http__Prot: there is no such setting");
        setting.Output.ShouldContain("Messaging__BatchSize: 'many' is not a whole number.");
        var target = await MnemeProcess.RunAsync(["serve", "--target", "study", "--verify-config"]);
        target.Status.ShouldBe(1);
        target.Output.ShouldContain("study publishes topic.completed.v1, which progress reacts to; without a broker both must run in one process.");
        (await MnemeProcess.RunAsync(["serve", "--list-targets"])).Output.ShouldContain("study asks ai.generate-flashcards of ai");
        (await MnemeProcess.RunAsync(["user", "create", "--email", "root@example.org", "--name", "Root", "--role", "ADMIN", "--password", "seven dull otters swim home", "--data", data.Path]))
            .Status.ShouldBe(0);
        (await MnemeProcess.RunAsync(["dead-letters", "list", "--data", data.Path])).Output.ShouldContain("There are no dead letters.");
        var letter = await MnemeProcess.RunAsync(["dead-letters", "show", $"{Guid.Empty}", "--data", data.Path]);
        letter.Status.ShouldBe(1);
        letter.Output.ShouldContain("There is no dead letter of event");
        (await MnemeProcess.RunAsync(["sevre"])).Status.ShouldBe(2, "that is wrong usage");
    }

    [Fact]
    public async Task A_setting_that_names_a_secret_needs_a_region_and_credentials()
    {
        using var home = new DataFolder();
        (string, string)[] environment =
        [
            ("Database__Url", "secretsmanager:production#database"), ("HOME", home.Path), ("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_SESSION_TOKEN", ""),
        ];

        var nobody = await MnemeProcess.RunAsync(["serve", "--verify-config"], [.. environment, ("Aws__Region", "eu-central-1")]);
        nobody.Status.ShouldBe(1);
        nobody.Output.ShouldContain("mneme: Database__Url names the secret production, which cannot be read: There are no AWS credentials: set AWS_ACCESS_KEY_ID");
        var nowhere = await MnemeProcess.RunAsync(["serve", "--verify-config"], [.. environment, ("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")]);
        nowhere.Status.ShouldBe(1);
        nowhere.Output.ShouldContain("There is no AWS region: set Aws__Region");
    }

    [Fact]
    public async Task Certificates_are_made_renewed_replaced_and_shown()
    {
        using var data = new DataFolder();
        async Task<string> CertsAsync(int status, params string[] arguments)
        {
            var result = await MnemeProcess.RunAsync(["certs", .. arguments, "--data", data.Path]);
            result.Status.ShouldBe(status, result.Output);
            return result.Output;
        }

        (await CertsAsync(1, "status")).ShouldContain("make an authority with `mneme certs init`");
        await CertsAsync(0, "init");
        (await CertsAsync(1, "init")).ShouldContain("already");
        (await CertsAsync(1, "issue", "nobody")).ShouldContain("there is no service 'nobody'");
        await CertsAsync(0, "issue", "all");
        var status = await CertsAsync(0, "status");
        status.ShouldContain("Everything is in order.");
        status.ShouldContain("identity");
        (await CertsAsync(0, "rotate")).ShouldContain("No certificate is due for renewal.");
        (await CertsAsync(0, "rotate", "--force")).ShouldContain("Renewed: ai, ");
        await CertsAsync(0, "rotate", "--authority", "announce");
        await CertsAsync(0, "rotate", "--authority", "adopt");
        await CertsAsync(0, "rotate", "--authority", "retire");
        File.Delete(Path.Combine(data.Path, "certs", "study.key"));
        (await CertsAsync(1, "status")).ShouldContain("the certificate of 'study'");
        var serve = await MnemeProcess.RunAsync(["serve", "--verify-config", "--data", data.Path], ("Ask__Port", "0"));
        serve.Status.ShouldBe(1);
        serve.Output.ShouldContain("the certificate of 'study'");
        (await CertsAsync(0, "issue", "study")).ShouldContain("Issued for study");
        (await MnemeProcess.RunAsync(["serve", "--verify-config", "--data", data.Path], ("Ask__Port", "0"))).Status.ShouldBe(0);
    }

    [Fact]
    public async Task The_doctor_finds_what_is_wrong_and_says_what_to_do_about_it()
    {
        using var data = new DataFolder();
        (string, string)[] freePorts = [("Http__Port", "0"), ("Http__ManagementPort", "0")];

        var healthy = await MnemeProcess.RunAsync(["doctor", "--data", data.Path], freePorts);
        healthy.Output.ShouldContain("Everything is in order.");
        healthy.Status.ShouldBe(0);
        var unreachable = await MnemeProcess.RunAsync(["doctor", "--data", data.Path], [.. freePorts, ("Database__Url", "postgres://nobody@127.0.0.1:1/none")]);
        unreachable.Status.ShouldBe(1);
        unreachable.Output.ShouldContain("Check Database__Url, and that the server runs and admits this user.");
        var misspelt = await MnemeProcess.RunAsync(["doctor", "--data", data.Path], [.. freePorts, ("Study__DayRolover", "04:00:00")]);
        misspelt.Status.ShouldBe(1);
        misspelt.Output.ShouldContain("Study__DayRolover: there is no such setting");
        var file = await MnemeProcess.RunAsync(["doctor", "--data", MnemeProcess.Program], freePorts);
        file.Status.ShouldBe(1);
        file.Output.ShouldContain("is a file");
        Directory.Exists(data.Path).ShouldBeFalse("it only looks");
    }
}
