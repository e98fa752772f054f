using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Platform.Http;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;

namespace Mneme.IntegrationTests.Platform.Observability;

[Collection(nameof(SharedPlatform))]
public sealed class AuditTests(SharedPlatform platform)
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Administrators_read_the_trail_newest_first_by_page_actor_subject_and_action()
    {
        var (actor, subject) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var scope = platform.Host.App.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<ProbeDb>();
            for (var i = 0; i < 5; i++)
                db.Record(Start.AddSeconds(i), i % 2 == 0 ? "user.role-changed" : "user.disabled", actor, i == 4 ? subject : Guid.NewGuid(), address: "192.0.2.1", detail: new { step = i });
            await db.SaveChangesAsync();
        }

        using var admin = platform.Host.ClientOf(Guid.NewGuid(), Roles.Admin);
        var steps = new List<int>();
        string? cursor = null;
        do
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"/api/v1/admin/audit?actorId={actor}&limit=2&cursor={cursor}");
            steps.AddRange(page.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("detail").GetProperty("step").GetInt32()));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        steps.ShouldBe([4, 3, 2, 1, 0]);

        var entry = (await admin.GetFromJsonAsync<JsonElement>($"/api/v1/admin/audit?subjectId={subject}")).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        entry.GetProperty("service").GetString().ShouldBe("probe");
        entry.GetProperty("action").GetString().ShouldBe("user.role-changed");
        entry.GetProperty("actorId").GetGuid().ShouldBe(actor);
        entry.GetProperty("address").GetString().ShouldBe("192.0.2.1");
        (await admin.GetFromJsonAsync<JsonElement>($"/api/v1/admin/audit?actorId={actor}&action=user.disabled")).GetProperty("items").GetArrayLength().ShouldBe(2);
        (await admin.GetAsync("/api/v1/admin/audit?cursor=bm90LWFuLWlk")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        using var user = platform.Host.ClientOf(actor);
        (await user.GetAsync("/api/v1/admin/audit")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }
}
