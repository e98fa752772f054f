using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace Mneme.Platform.Observability;

/// <summary>The audit trail of the services in this process, for administrators: newest first.</summary>
internal static class AuditEndpoints
{
    internal sealed record AuditEntryResponse(
        Guid Id, DateTimeOffset Time, string Service, string Action, string Outcome, Guid? ActorId, Guid? SubjectId, string? Address, string? TraceId, JsonNode? Detail);

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/admin/audit", ListAuditTrail)
        .WithName(nameof(ListAuditTrail)).WithSummary("Security-relevant acts, newest first; by actor, subject or action").AdminOnly();

    private static async Task<Outcome<Page<AuditEntryResponse>>> ListAuditTrail(
        PageRequest page, Guid? actorId, Guid? subjectId, [StringLength(100)] string? action, Databases databases, CancellationToken ct)
    {
        var before = page.AfterId;
        var entries = new List<AuditEntryResponse>();
        foreach (var service in databases.Services)
            entries.AddRange(await ListAsync(databases.DataSource(service), service, new Filter(before, actorId, subjectId, action), page.Limit + 1, ct));
        // Ids are UUIDv7, which sort by time as text; Guid's own order is another one.
        return Page<AuditEntryResponse>.Of(
            [.. entries.OrderByDescending(entry => entry.Id.ToString(), StringComparer.Ordinal).Take(page.Limit + 1)], page.Limit, entry => entry.Id.ToString());
    }

    private static async Task<List<AuditEntryResponse>> ListAsync(NpgsqlDataSource database, string service, Filter filter, int limit, CancellationToken ct)
    {
        await using var command = database.CreateCommand("""
            select id, time, action, outcome, actor_id, subject_id, address, trace_id, detail::text from audit
            where ($1 is null or id < $1) and ($2 is null or actor_id = $2) and ($3 is null or subject_id = $3) and ($4 is null or action = $4)
            order by id desc limit $5
            """);
        foreach (var id in new[] { filter.Before, filter.ActorId, filter.SubjectId })
            command.Parameters.Add(new NpgsqlParameter { Value = id ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = filter.Action ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var entries = new List<AuditEntryResponse>();
        while (await reader.ReadAsync(ct))
        {
            entries.Add(new AuditEntryResponse(
                reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1), service, reader.GetString(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetGuid(4),
                reader.IsDBNull(5) ? null : reader.GetGuid(5), reader.IsDBNull(6) ? null : reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetString(7),
                reader.IsDBNull(8) ? null : JsonSerializer.Deserialize<JsonNode>(reader.GetString(8))));
        }

        return entries;
    }

    private sealed record Filter(Guid? Before, Guid? ActorId, Guid? SubjectId, string? Action);
}
