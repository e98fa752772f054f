using System.Diagnostics;
using Mneme.Platform.Hosting;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.Platform.Observability;

/// <summary>Something this process cannot work without. Adapters of outside systems register theirs; the services' databases are there by themselves.</summary>
/// <param name="Name">As it is shown to operators.</param>
/// <param name="CheckAsync">Throws if the dependency does not answer.</param>
public sealed record Dependency(string Name, Func<CancellationToken, Task> CheckAsync);

/// <summary>Whether this process can do its work: every dependency answers within a second. One check a second at most, however often it is asked.</summary>
internal sealed class Health
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _turn = new();
    private readonly Draining _draining;
    private readonly Dependency[] _dependencies;
    private Task<IReadOnlyList<DependencyHealth>>? _latest;
    private long _latestAt;

    public Health(ServiceRegistry registry, Databases databases, IEnumerable<Dependency> dependencies, Draining draining)
    {
        _draining = draining;
        _dependencies = [.. registry.Services.Where(s => s.Database is not null).Select(s => Database(s, databases)), .. dependencies];
    }

    public async Task<HealthReport> CheckAsync()
    {
        var dependencies = await LatestAsync();
        var status = _draining.HasBegun ? HealthStatus.Stopping
            : dependencies.All(d => d.Error is null) ? HealthStatus.Ok
            : HealthStatus.Unavailable;
        return new HealthReport(status, dependencies);
    }

    private Task<IReadOnlyList<DependencyHealth>> LatestAsync()
    {
        lock (_turn)
        {
            if (_latest is null || _latest.IsCompleted && Stopwatch.GetElapsedTime(_latestAt) > Fresh)
            {
                _latestAt = Stopwatch.GetTimestamp();
                _latest = Task.Run(async () => (IReadOnlyList<DependencyHealth>)await Task.WhenAll(_dependencies.Select(CheckAsync)));
            }

            return _latest;
        }
    }

    private static async Task<DependencyHealth> CheckAsync(Dependency dependency)
    {
        var start = Stopwatch.GetTimestamp();
        using var limit = new CancellationTokenSource(Limit);
        string? error = null;
        try
        {
            await dependency.CheckAsync(limit.Token).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            error = $"did not answer within {Limit.TotalSeconds:0} s";
        }
        catch (Exception e)
        {
            error = e.Message;
        }

        return new DependencyHealth(dependency.Name, error is null ? HealthStatus.Ok : HealthStatus.Unavailable, Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 1), error);
    }

    private static Dependency Database(ServiceDescription service, Databases databases)
    {
        var expected = Migrations(typeof(ServiceDb)) + (service.Database!.Assembly == typeof(ServiceDb).Assembly ? 0 : Migrations(service.Database));
        var isMigrated = false;
        return new Dependency("database of " + service.Name, async ct =>
        {
            await using var command = databases.DataSource(service.Name).CreateCommand(isMigrated ? "select 0" : "select count(*)::int from schema_migrations");
            var applied = await AppliedAsync(command, ct);
            if (!isMigrated && applied < expected)
                throw new InvalidOperationException($"has {applied} of {expected} migrations: run `mneme migrate`");
            isMigrated = true;
        });
    }

    private static async Task<int> AppliedAsync(NpgsqlCommand command, CancellationToken ct)
    {
        try
        {
            return (int)(await command.ExecuteScalarAsync(ct))!;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return 0;
        }
    }

    /// <summary>How many migrations an assembly carries: the same resources that the migrator applies.</summary>
    private static int Migrations(Type type) => type.Assembly.GetManifestResourceNames()
        .Count(name => name.Contains(".Migrations.", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal));
}

internal enum HealthStatus
{
    Ok,
    Unavailable,
    Stopping,
}

internal sealed record HealthReport(HealthStatus Status, IReadOnlyList<DependencyHealth> Dependencies);

/// <summary>The state of one dependency. The error is for operators only; null if all is well.</summary>
internal sealed record DependencyHealth(string Name, HealthStatus Status, double Milliseconds, string? Error);
