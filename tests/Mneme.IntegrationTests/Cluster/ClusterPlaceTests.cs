using Mneme.Platform.Persistence.Cluster;
using static Mneme.IntegrationTests.Cluster.ClusterWorkshop;

namespace Mneme.IntegrationTests.Cluster;

public sealed class ClusterPlaceTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public async Task A_data_folder_under_a_private_home_works_and_keeps_its_cluster_when_renamed()
    {
        await using var workshop = new ClusterWorkshop();
        var home = Path.Combine(workshop.Root, "home");
        Posix.CreateFolder(home, Private);
        var options = workshop.Options with { DataFolder = Path.Combine(home, "checkout", "data") };
        await using (var first = await StartAsync(options))
        {
            var inside = first.DataDirectory.StartsWith(home, StringComparison.Ordinal);
            inside.ShouldBe(Posix.EffectiveUser != 0, "only root's server runs as another user");
            await ExecuteAsync(first.ConnectionString("postgres"), "CREATE TABLE kept AS SELECT 42 AS answer");
        }

        await using (var second = await StartAsync(options))
            (await QueryAsync<int>(second.ConnectionString("postgres"), "SELECT answer FROM kept")).ShouldBe(42);

        var renamed = options with { DataFolder = Path.Combine(home, "moved") };
        Directory.Move(options.DataFolder, renamed.DataFolder);
        await using var third = await StartAsync(renamed);
        (await QueryAsync<int>(third.ConnectionString("postgres"), "SELECT answer FROM kept")).ShouldBe(42);
    }

    [Fact]
    public async Task A_data_folder_deleted_and_made_anew_starts_empty()
    {
        await using var workshop = new ClusterWorkshop();
        var home = Path.Combine(workshop.Root, "home");
        Posix.CreateFolder(home, Private);
        var options = workshop.Options with { DataFolder = Path.Combine(home, "data") };
        await using (var first = await StartAsync(options))
            await ExecuteAsync(first.ConnectionString("postgres"), "CREATE TABLE gone ()");

        Directory.Delete(options.DataFolder, recursive: true);
        await using var second = await StartAsync(options);

        (await QueryAsync<bool>(second.ConnectionString("postgres"), "SELECT to_regclass('gone') IS NULL")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_copy_of_a_data_folder_never_shares_the_database_of_the_original()
    {
        await using var workshop = new ClusterWorkshop();
        var original = Path.Combine(workshop.Root, "original");
        var outside = Path.Combine(workshop.OutsideFolder, "data-1");
        var copy = Path.Combine(workshop.Root, "copy");
        foreach (var folder in new[] { original, outside, copy }) Directory.CreateDirectory(folder);
        foreach (var folder in new[] { original, copy }) await File.WriteAllTextAsync(Path.Combine(folder, ClusterPlace.PointerName), outside + "\n", Ct);
        await File.WriteAllTextAsync(Path.Combine(outside, "data-folder"), original + "\n", Ct);

        ClusterPlace.Settle(original, workshop.OutsideFolder).Parent.ShouldBe(outside);
        Should.Throw<ClusterException>(() => ClusterPlace.Settle(copy, workshop.OutsideFolder)).Message.ShouldContain("mneme backup");
    }

    [Fact]
    public async Task A_deep_path_does_not_exceed_the_length_of_a_socket_name()
    {
        await using var workshop = new ClusterWorkshop();
        var deep = Path.Combine([workshop.Root, .. Enumerable.Repeat("a-rather-long-name-of-a-folder", 8)]);
        await using var cluster = await StartAsync(workshop.Options with { DataFolder = deep, RuntimeFolder = null });

        cluster.SocketDirectory.Length.ShouldBeLessThan(90);
        (await QueryAsync<int>(cluster.ConnectionString("postgres"), "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_runtime_folder_that_others_may_write_to_is_not_used()
    {
        await using var workshop = new ClusterWorkshop();
        var options = workshop.Options;
        string runtime;
        await using (var first = await StartAsync(options)) runtime = Path.GetDirectoryName(first.SocketDirectory)!;
        Posix.CreateFolder(runtime, Private);
        Posix.SetMode(runtime, Private | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        (await Should.ThrowAsync<ClusterException>(() => StartAsync(options))).Message.ShouldContain("others may write");
    }

    [Fact]
    public async Task A_cluster_of_a_version_that_is_not_installed_names_the_package()
    {
        await using var workshop = new ClusterWorkshop();
        await using (var first = await workshop.StartAsync())
        {
        }

        await File.WriteAllTextAsync(Path.Combine(workshop.DataFolder, "postgres", "PG_VERSION"), "12\n", Ct);

        (await Should.ThrowAsync<ClusterException>(() => workshop.StartAsync())).Message.ShouldContain("apt-get install postgresql-12");
    }

    [Fact]
    public async Task Missing_binaries_name_what_to_install()
    {
        await using var workshop = new ClusterWorkshop();
        var options = workshop.Options with { BinariesFolder = Path.Combine(workshop.Root, "nothing") };

        (await Should.ThrowAsync<ClusterException>(() => StartAsync(options))).Message.ShouldContain("apt-get install postgresql");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_reported()
    {
        await using var workshop = new ClusterWorkshop();
        var file = Path.Combine(workshop.Root, "file");
        await File.WriteAllTextAsync(file, "", Ct);

        (await Should.ThrowAsync<ClusterException>(() => StartAsync(workshop.Options with { DataFolder = Path.Combine(file, "data") }))).Message.ShouldContain(file);
    }

    [Fact]
    public async Task A_full_disk_is_named_as_the_reason()
    {
        await using var workshop = new ClusterWorkshop();
        var place = new ClusterPlace(workshop.Root, workshop.Root, ServerUser.ForNewCluster());

        var failure = ServerFailure.Explain(
            "initdb failed", "creating subdirectories ... ok\ninitdb: error: could not write to file \"x\": No space left on device\n", place);

        failure.Message.ShouldContain("is full");
        failure.Message.ShouldContain("could not write to file");
    }

    [Fact]
    public async Task A_damaged_cluster_is_reported_with_what_the_server_said()
    {
        await using var workshop = new ClusterWorkshop();
        await using (var first = await workshop.StartAsync())
        {
        }

        File.Delete(Path.Combine(workshop.DataFolder, "postgres", "global", "pg_control"));

        var failure = await Should.ThrowAsync<ClusterException>(() => workshop.StartAsync());
        failure.Message.ShouldContain("pg_control");
        failure.Message.ShouldContain("postgres.log");
    }

    [Fact]
    public async Task A_folder_named_postgres_that_is_no_cluster_is_left_alone()
    {
        await using var workshop = new ClusterWorkshop();
        var folder = Path.Combine(workshop.DataFolder, "postgres");
        Directory.CreateDirectory(folder);
        var user = ServerUser.ForNewCluster();
        Posix.ChangeOwner(folder, user.UserId, user.GroupId);
        await File.WriteAllTextAsync(Path.Combine(folder, "mine.txt"), "mine", Ct);

        (await Should.ThrowAsync<ClusterException>(() => workshop.StartAsync())).Message.ShouldContain("move it away");
        File.Exists(Path.Combine(folder, "mine.txt")).ShouldBeTrue();
    }
}
