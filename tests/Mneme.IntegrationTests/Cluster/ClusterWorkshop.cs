using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

namespace Mneme.IntegrationTests.Cluster;

/// <summary>A folder of its own for each test, with everything in it that a cluster may use; removed at the end.</summary>
internal sealed class ClusterWorkshop : IAsyncDisposable
{
    private const UnixFileMode Open =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public ClusterWorkshop()
    {
        Root = Directory.CreateTempSubdirectory("mneme-").FullName;
        Posix.SetMode(Root, Open);
    }

    public string Root { get; }

    public string DataFolder => Path.Combine(Root, "data");

    public string OutsideFolder => Path.Combine(Root, "outside");

    public PrivateClusterOptions Options => new() { DataFolder = DataFolder, OutsideFolder = OutsideFolder, RuntimeFolder = Path.Combine(Root, "run") };

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Task<PrivateCluster> StartAsync() => StartAsync(Options);

    public static Task<PrivateCluster> StartAsync(PrivateClusterOptions options) =>
        PrivateCluster.StartAsync(options, NullLogger.Instance, TimeProvider.System, Ct);

    public static async Task<T> QueryAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(Unpooled(connectionString));
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Ct))!;
    }

    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(Unpooled(connectionString));
        await connection.OpenAsync(Ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Ct);
    }

    public static async Task Eventually(Func<bool> condition, string what, int seconds = 60)
    {
        var began = Stopwatch.StartNew();
        while (!condition())
        {
            began.Elapsed.TotalSeconds.ShouldBeLessThan(seconds, what);
            await Task.Delay(5, Ct);
        }
    }

    public static bool Lives(int processId) =>
        File.Exists($"/proc/{processId}/stat") && !File.ReadAllText($"/proc/{processId}/status").Contains("State:\tZ");

    public async ValueTask DisposeAsync()
    {
        // A server whose program was killed ends by itself, and until it has it writes.
        if (PrivateCluster.FindRunning(DataFolder) is { ProcessId: var server })
            await Eventually(() => !Lives(server), "the server of a killed program ends");
        Directory.Delete(Root, recursive: true);
    }

    private static string Unpooled(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString;
}
