using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Platform;

public sealed class RetentionTests(SharedApplication shared)
{
    [Fact]
    public async Task What_has_had_its_time_goes_and_the_rest_stays()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        var now = probe.App.Clock.GetUtcNow();
        var options = new MessagingOptions { InboxRetention = TimeSpan.FromDays(30) };
        // More than one step of the deletion.
        await ExecuteAsync(probe, "insert into inbox select ($1::text || lpad(to_hex(n), 12, '0'))::uuid, 'probe' from generate_series(1, 5001) n", Prefix(now.AddDays(-30).AddMinutes(-1)));
        await ExecuteAsync(probe, "insert into inbox select ($1::text || lpad(to_hex(n), 12, '0'))::uuid, 'probe' from generate_series(1, 3) n", Prefix(now.AddDays(-30).AddMinutes(1)));
        foreach (var (key, days) in new[] { ("old", 31), ("young", 29) })
            await ExecuteAsync(probe, "insert into job_keys (kind, key, enqueued_at) values ('finished', $1, $2)", key, now.AddDays(-days));
        foreach (var (key, days) in new[] { ("old", 3), ("young", 1) })
            await ExecuteAsync(probe, "insert into idempotency_keys (user_id, key, request_hash, status, created_at) values ($1, $2, '', 200, $3)", Guid.NewGuid(), key, now.AddDays(-days));
        foreach (var (key, days) in new[] { ("old", 91), ("young", 89) })
        {
            await ExecuteAsync(probe, "insert into job_keys (kind, key, enqueued_at) values ('kind', $1, $2)", key, now.AddDays(-days));
            await ExecuteAsync(probe, "insert into jobs (id, kind, key, payload, due_at, failed_at, enqueued_at) values ($1, 'kind', $2, '{}', $3, $3, $3)", Guid.NewGuid(), key, now.AddDays(-days));
        }

        await Retention.RunAsync(new CurrentService { Name = "probe" }, probe.App.Services.GetRequiredService<Databases>(), options, probe.App.Clock, CancellationToken.None);

        (await probe.CountAsync("inbox")).ShouldBe(3);
        (await KeysAsync(probe, "job_keys where kind = 'finished'")).ShouldBe("young");
        (await KeysAsync(probe, "job_keys where kind = 'kind'")).ShouldBe("young", "a key is kept as long as its job");
        (await KeysAsync(probe, "idempotency_keys")).ShouldBe("young");
        (await KeysAsync(probe, "jobs where kind = 'kind'")).ShouldBe("young");
    }

    /// <summary>A UUIDv7 of the instant up to its last twelve digits.</summary>
    private static string Prefix(DateTimeOffset instant) => Guid.CreateVersion7(instant).ToString()[..24];

    private static Task<string?> KeysAsync(ProbeApplication probe, string rows) =>
        probe.App.QueryAsync<string>("probe", $"select string_agg(key, ',' order by key) from {rows}");

    private static Task ExecuteAsync(ProbeApplication probe, string sql, params object[] parameters) => probe.App.QueryAsync<object>("probe", sql, parameters);
}
