using System.Formats.Tar;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Persistence.Backup;
using Mneme.Platform.Persistence.Cluster;
using static Mneme.IntegrationTests.Cluster.ClusterWorkshop;

namespace Mneme.IntegrationTests.Backup;

public sealed class BackupRefusalTests
{
    [Fact]
    public async Task A_damaged_or_truncated_archive_is_refused_before_anything_is_written()
    {
        await using var workshop = await SavedAsync();
        var whole = await File.ReadAllBytesAsync(workshop.Archive, Ct);
        var content = whole.Length - 1024; // behind it come the two empty blocks that end a tar

        for (var part = 1; part < 40; part++)
        {
            await File.WriteAllBytesAsync(workshop.Archive, whole[..(content * part / 40)], Ct);
            await ShouldBeRefused(workshop, $"truncated at {part}/40");
        }

        foreach (var position in await ContentPositionsAsync(workshop, whole))
        {
            var damaged = (byte[])whole.Clone();
            damaged[position] ^= 0x20;
            await File.WriteAllBytesAsync(workshop.Archive, damaged, Ct);
            await ShouldBeRefused(workshop, $"byte {position} changed");
        }

        await File.WriteAllBytesAsync(workshop.Archive, whole, Ct);
        (await Backups.VerifyAsync(workshop.Archive, progress: null, Ct)).ProgramVersion.ShouldBe("1.2.3");
    }

    [Theory]
    [InlineData("data/../../outside.txt")]
    [InlineData("../outside.txt")]
    [InlineData("/etc/cron.d/evil")]
    [InlineData("data//x")]
    [InlineData("data/postgres/PG_VERSION")]
    [InlineData("data/postgres.location")]
    [InlineData("data/restore.unfinished")]
    [InlineData("data/files/..\\x")]
    [InlineData("databases/../x.dump")]
    [InlineData("somewhere/else")]
    public async Task An_entry_with_a_name_that_no_backup_has_is_refused(string name)
    {
        await using var workshop = new BackupWorkshop();
        await WriteArchiveAsync(workshop.Archive, new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
        await ShouldBeRefused(workshop, name);
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.Directory)]
    public async Task Anything_but_a_plain_file_is_refused(TarEntryType type)
    {
        await using var workshop = new BackupWorkshop();
        var entry = new PaxTarEntry(type, "data/files/x");
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink) entry.LinkName = "/etc";
        await WriteArchiveAsync(workshop.Archive, entry);
        await ShouldBeRefused(workshop, type.ToString());
    }

    [Fact]
    public async Task An_archive_of_a_newer_program_says_so()
    {
        await using var workshop = new BackupWorkshop();
        await WriteArchiveAsync(workshop.Archive, entry: null, format: BackupManifest.CurrentFormat + 1);
        (await ShouldBeRefused(workshop, "newer")).Message.ShouldContain("newer Mneme");
    }

    [Theory]
    [InlineData("")]
    [InlineData("This is no archive, but it is long enough to be taken for the beginning of one, if nobody looks.")]
    public async Task A_file_that_is_no_archive_is_refused(string text)
    {
        await using var workshop = new BackupWorkshop();
        await File.WriteAllTextAsync(workshop.Archive, string.Concat(Enumerable.Repeat(text, 20)), Ct);
        (await ShouldBeRefused(workshop, "no archive")).Message.ShouldContain("no backup of Mneme");
    }

    [Fact]
    public async Task A_folder_with_anything_in_it_is_never_restored_into()
    {
        await using var workshop = await SavedAsync();
        var target = workshop.Target.Cluster.DataFolder;
        Directory.CreateDirectory(target);
        var mine = Path.Combine(target, ".hidden");
        await File.WriteAllTextAsync(mine, "mine", Ct);

        (await Should.ThrowAsync<BackupException>(() => workshop.RestoreAsync())).Message.ShouldContain("not empty");

        Directory.GetFileSystemEntries(target).ShouldBe([mine]);
    }

    [Fact]
    public async Task A_restore_that_is_given_up_leaves_the_folder_empty_and_the_next_one_works()
    {
        await using var workshop = await SavedAsync();
        foreach (var step in new[] { "verify", "files", "rows" })
        {
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var progress = new OnStep(step, giveUp);
            await Should.ThrowAsync<OperationCanceledException>(() => workshop.RestoreAsync(progress: progress, ct: giveUp.Token));
            progress.Reached.ShouldBeTrue(step);
            var folder = workshop.Target.Cluster.DataFolder;
            (Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : []).ShouldBeEmpty(step);
        }

        await workshop.RestoreAsync();
        BackupWorkshop.FilesOf(workshop.Target.Cluster.DataFolder).Count.ShouldBe(6);
    }

    [Fact]
    public async Task A_program_does_not_start_on_a_folder_whose_restore_was_interrupted()
    {
        await using var workshop = new BackupWorkshop();
        workshop.WriteFile(PrivateCluster.RestoreMarker, [1]);

        (await Should.ThrowAsync<ClusterException>(() => workshop.Clusters.StartAsync())).Message.ShouldContain("restore again");
        (await Should.ThrowAsync<ClusterException>(() => workshop.SaveAsync())).Message.ShouldContain("restore again");
    }

    [Fact]
    public async Task An_archive_is_replaced_only_on_demand_and_never_by_a_failed_backup()
    {
        await using var workshop = await SavedAsync();
        var before = await File.ReadAllBytesAsync(workshop.Archive, Ct);

        (await Should.ThrowAsync<BackupException>(() => workshop.SaveAsync())).Message.ShouldContain("--force");
        using (var giveUp = new CancellationTokenSource())
        {
            await giveUp.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => workshop.SaveAsync(workshop.Options with { Overwrite = true }, giveUp.Token));
        }

        (await File.ReadAllBytesAsync(workshop.Archive, Ct)).ShouldBe(before);
        await workshop.SaveAsync(workshop.Options with { Overwrite = true });
        (await Backups.VerifyAsync(workshop.Archive, progress: null, Ct)).Databases.Count.ShouldBe(2);
        Directory.GetFileSystemEntries(workshop.Clusters.Root, "backup*").ShouldBe([workshop.Archive]);
    }

    [Fact]
    public async Task A_leftover_of_a_killed_backup_is_taken_over_but_not_what_others_may_read()
    {
        await using var workshop = await SavedAsync();
        var options = workshop.Options with { Overwrite = true };
        await File.WriteAllTextAsync(workshop.Archive + ".partial", "half", Ct);
        (await Should.ThrowAsync<BackupException>(() => workshop.SaveAsync(options))).Message.ShouldContain("in the way");

        Posix.SetMode(workshop.Archive + ".partial", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await workshop.SaveAsync(options);
        (await Backups.VerifyAsync(workshop.Archive, progress: null, Ct)).Databases.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_link_among_the_files_stops_a_backup_instead_of_being_left_out()
    {
        await using var workshop = await SavedAsync();
        File.CreateSymbolicLink(Path.Combine(workshop.Clusters.DataFolder, "files", "link"), "/etc/hostname");

        (await Should.ThrowAsync<BackupException>(() => workshop.SaveAsync(workshop.Options with { Overwrite = true }))).Message.ShouldContain("symbolic link");
    }

    [Fact]
    public async Task A_backup_of_nothing_or_into_the_data_folder_is_refused()
    {
        await using var workshop = new BackupWorkshop();
        (await Should.ThrowAsync<BackupException>(() => workshop.SaveAsync())).Message.ShouldContain("nothing to save");
        Directory.Exists(workshop.Clusters.DataFolder).ShouldBeFalse();

        await using var cluster = await workshop.Clusters.StartAsync();
        var inside = Path.Combine(workshop.Clusters.DataFolder, "backup.tar");
        (await Should.ThrowAsync<BackupException>(
            () => Backups.SaveAsync(workshop.Options, inside, null, NullLogger.Instance, TimeProvider.System, Ct))).Message.ShouldContain("outside");
    }

    [Fact]
    public async Task A_server_without_the_databases_says_so()
    {
        await using var workshop = new BackupWorkshop();
        await using var cluster = await workshop.Clusters.StartAsync();
        var options = workshop.Options with { ServerConnectionString = cluster.ConnectionString("postgres"), Databases = ["mneme_study"] };

        (await Should.ThrowAsync<BackupException>(() => workshop.SaveAsync(options))).Message.ShouldContain("no database mneme_study");
        File.Exists(workshop.Archive).ShouldBeFalse();
    }

    private static async Task<BackupWorkshop> SavedAsync()
    {
        var workshop = new BackupWorkshop();
        await using (var cluster = await workshop.Clusters.StartAsync()) await workshop.FillAsync(cluster);
        await workshop.SaveAsync();
        return workshop;
    }

    private static async Task<BackupException> ShouldBeRefused(BackupWorkshop workshop, string why)
    {
        var refusal = await Should.ThrowAsync<BackupException>(() => workshop.RestoreAsync(), why);
        Directory.Exists(workshop.Target.Cluster.DataFolder).ShouldBeFalse(why);
        return refusal;
    }

    /// <summary>Places in the middle of every entry's content, found by reading the archive with the framework's reader.</summary>
    private static async Task<List<int>> ContentPositionsAsync(BackupWorkshop workshop, byte[] whole)
    {
        await File.WriteAllBytesAsync(workshop.Archive, whole, Ct);
        await using var file = File.OpenRead(workshop.Archive);
        await using var tar = new TarReader(file);
        var positions = new List<int>();
        while (await tar.GetNextEntryAsync(cancellationToken: Ct) is { } entry)
            if (entry.Length > 0 && entry.Name != "mneme-backup.json") positions.Add((int)(entry.DataOffset + (entry.Length / 2)));
        return positions;
    }

    private static async Task WriteArchiveAsync(string path, TarEntry? entry, int format = BackupManifest.CurrentFormat)
    {
        var manifest = new BackupManifest { Format = format, ProgramVersion = "9.9.9", PostgresVersion = 15, TakenAt = DateTimeOffset.UnixEpoch };
        await using var tar = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "mneme-backup.json") { DataStream = new MemoryStream(manifest.ToJson()) }, Ct);
        if (entry is not null) await tar.WriteEntryAsync(entry, Ct);
        var entries = entry is null ? [] : new[] { new BackupEntry(entry.Name, 1, "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a") };
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "manifest.json") { DataStream = new MemoryStream((manifest with { Entries = entries }).ToJson()) }, Ct);
    }

    private sealed class OnStep(string step, CancellationTokenSource giveUp) : IProgress<BackupProgress>
    {
        public bool Reached { get; private set; }

        public void Report(BackupProgress value)
        {
            if (value.Step != step) return;
            Reached = true;
            giveUp.Cancel();
        }
    }
}
