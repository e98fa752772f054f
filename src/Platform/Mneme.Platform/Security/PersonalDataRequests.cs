using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;

namespace Mneme.Platform.Security;

/// <summary>Asked of every service that holds personal data, when a person wants a copy of theirs.</summary>
[Ask("personal-data.export", AnsweredBy = AskAttribute.EveryService, AskedBy = ["identity"], DeadlineSeconds = 30, IsIdempotent = true)]
public sealed record ExportPersonalData(Guid UserId) : IAsk<PersonalDataExport>;

/// <param name="Data">What the service holds; null if nothing.</param>
public sealed record PersonalDataExport(JsonNode? Data);

/// <summary>The platform's half of <see cref="IPersonalData"/>: what is the same for every service.</summary>
internal static class PersonalDataRequests
{
    public static async Task<Outcome<PersonalDataExport>> Export(ExportPersonalData request, CurrentService current, IServiceProvider services, CancellationToken ct) =>
        new PersonalDataExport(await services.GetRequiredKeyedService<IPersonalData>(current.Name).ExportAsync(request.UserId, ct));

    /// <summary>Erases a person from the current service, and sets the tombstone that silences late events about them.</summary>
    public static async Task EraseAsync(Guid userId, IServiceProvider services, ServiceDescription service, CancellationToken ct)
    {
        await services.GetRequiredKeyedService<IPersonalData>(service.Name).EraseAsync(userId, ct);
        var db = (ServiceDb)services.GetRequiredService(service.Database!);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await db.Database.ExecuteSqlAsync($"insert into erased (id, erased_at) values ({userId}, {now}) on conflict do nothing", ct);
        await db.Database.ExecuteSqlAsync($"delete from idempotency_keys where user_id = {userId}", ct);
        // Failed deliveries hold what was said about the person. One that is being tried at this moment waits for this transaction, finds the tombstone and goes by itself.
        var subject = userId.ToString();
        await db.Database.ExecuteSqlAsync($"""
            delete from failed_deliveries where (event_id, consumer) in (
                select event_id, consumer from failed_deliveries where cloud_event::jsonb ->> 'subject' = {subject} for update skip locked)
            """, ct);
    }
}
