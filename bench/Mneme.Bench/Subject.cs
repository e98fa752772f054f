using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Persistence;
using Mneme.Platform.Persistence.Cluster;
using Npgsql;

namespace Mneme.Bench;

/// <summary>The published program on a temporary data folder, its databases, and tokens that it accepts.</summary>
internal sealed class Subject : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _folder;

    private Subject(Process process, DirectoryInfo folder, Uri address, ClusterAddress cluster)
    {
        (_process, _folder, Address, Cluster) = (process, folder, address, cluster);
        Server = new DatabaseServer(cluster.ConnectionString("postgres"), "mneme");
    }

    public Uri Address { get; }

    public ClusterAddress Cluster { get; }

    public DatabaseServer Server { get; }

    public int ProcessId => _process.Id;

    private string DataFolder => Path.Combine(_folder.FullName, "data");

    public static async Task<Subject> StartAsync(params IReadOnlyList<(string Name, string Value)> environment)
    {
        var folder = Directory.CreateTempSubdirectory("mneme-bench-");
        // Run by root, PostgreSQL drops to another user, who must reach it here.
        folder.UnixFileMode = (UnixFileMode)0b111_101_101;
        var data = Path.Combine(folder.FullName, "data");
        var start = new ProcessStartInfo(Program, ["serve", "--port", "0", "--data", data]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["Http__ManagementPort"] = "0";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Trim() is var text && text.StartsWith("Address ", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new Subject(process, folder, new Uri(text["Address ".Length..].Trim()), PrivateCluster.FindRunning(data)!);
            }
        }

        throw new InvalidOperationException("mneme ended before it was ready.");
    }

    public static string Program => Environment.GetEnvironmentVariable("MNEME_PROGRAM") is { Length: > 0 } path
        ? path
        : throw new InvalidOperationException("Start benchmarks with `./mneme bench`, which publishes the program and names it in MNEME_PROGRAM.");

    /// <summary>Access tokens for people, signed with the program's own key.</summary>
    public async Task<List<string>> TokensAsync(IEnumerable<Guid> users)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Data:Folder"] = DataFolder }).Build();
        await using var app = MnemeApplication.Build(ServiceCatalog.All, configuration, Server);
        var tokens = app.Services.GetRequiredService<AccessTokens>();
        var result = new List<string>();
        foreach (var user in users)
        {
            var session = Session.Start(user, "127.0.0.1", userAgent: null, TimeProvider.System.GetUtcNow());
            result.Add((await tokens.SignAsync(user, "USER", "Europe/Berlin", session, CancellationToken.None)).Text);
        }

        return result;
    }

    public NpgsqlConnection Connect(string service) => new(Server.ConnectionString(service) + ";Pooling=false;Command Timeout=600");

    public async Task<T> QueryAsync<T>(string service, string sql)
    {
        await using var connection = Connect(service);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync() is { } value and not DBNull ? value : default(T)!);
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
