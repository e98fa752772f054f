using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.Bench.Events;

/// <summary>An event whose effect is one update of one row.</summary>
[Event("bench.ticked", 1, Topic = "bench-events")]
public sealed record Ticked(Guid Subject, int Row) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => Subject;
}

internal sealed class EmitterDb(DbContextOptions<EmitterDb> options) : ServiceDb(options)
{
    public override string ServiceName => EmitterService.ServiceName;

    protected override void MapEntities(ModelBuilder model)
    {
    }
}

/// <summary>Publishes what the benchmark tells it to.</summary>
internal sealed class EmitterService : IService
{
    public const string ServiceName = "emitter";

    public string Name => ServiceName;

    public void Describe(ServiceBuilder service) => service.Database<EmitterDb>().Publishes<Ticked>().PersonalData<NoPersonalData>();
}

internal sealed class TallyDb(DbContextOptions<TallyDb> options) : ServiceDb(options)
{
    public override string ServiceName => TallyService.ServiceName;

    protected override void MapEntities(ModelBuilder model)
    {
    }
}

/// <summary>Counts them.</summary>
internal sealed class TallyService : IService
{
    public const string ServiceName = "tally";

    /// <summary>Sorted, so that two batches at once lock in the same order.</summary>
    public const string CountSql = """
        update tallies set n = tallies.n + counted.n
        from (select row, count(*) as n from unnest($1) as t (row) group by row order by row) as counted
        where tallies.id = counted.row
        """;

    public string Name => ServiceName;

    public void Describe(ServiceBuilder service) => service.Database<TallyDb>().On<Ticked>(OnTicked).PersonalData<NoPersonalData>();

    private static async Task OnTicked(EventBatch<Ticked> batch, TallyDb db, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(CountSql, (NpgsqlConnection)db.Database.GetDbConnection())
        {
            Parameters = { new() { Value = batch.Select(e => e.Data.Row).ToArray() } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }
}

internal sealed class NoPersonalData : IPersonalData
{
    public Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct) => Task.FromResult<JsonNode?>(null);

    public Task EraseAsync(Guid userId, CancellationToken ct) => Task.CompletedTask;
}
