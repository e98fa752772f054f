using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

[assembly: AssemblyFixture(typeof(SharedApplication))]

namespace Mneme.IntegrationTests.Support;

/// <summary>One PostgreSQL for all tests of the run, in a temporary folder. Tests that need a database of their own use a prefix of their own.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-test-").FullName;

    // Run by root, the server drops to another user, who must reach it here.
    public PostgresServer() => File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);

    private PrivateCluster? _cluster;

    public string ConnectionString => _cluster!.ConnectionString("postgres");

    public async Task StartAsync()
    {
        _cluster = await PrivateCluster.StartAsync(new PrivateClusterOptions { DataFolder = _folder }, NullLogger.Instance, TimeProvider.System, CancellationToken.None);
        // Many applications run on it side by side, where an installation has one or two.
        await using (var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false"))
        {
            await connection.OpenAsync();
            await using var more = new NpgsqlCommand("alter system set max_connections = 500", connection);
            await more.ExecuteNonQueryAsync();
        }

        await _cluster.RestartAsync(immediate: false, CancellationToken.None);
    }

    /// <summary>Ends the server as a crash does, and starts it again.</summary>
    public Task RestartAsync() => _cluster!.RestartAsync(immediate: true, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
