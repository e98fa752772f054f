using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Capture;
using Mneme.Capture.Domain;
using Mneme.Capture.Features;
using Mneme.Capture.Infrastructure;
using Mneme.Contracts.Capture;
using Mneme.Contracts.Identity;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;
using static Mneme.IntegrationTests.Capture.CaptureApi;

namespace Mneme.IntegrationTests.Capture;

[Collection(CaptureTests.Name)]
public sealed class ManageCaptureTests(CaptureApplication capture)
{
    [Fact]
    public async Task Another_persons_capture_is_unknown_to_a_stranger()
    {
        using var owner = capture.NewPerson();
        using var stranger = capture.NewPerson();
        var id = IdOf(await owner.CreateAsync());
        (await stranger.StatusAsync(HttpMethod.Get, $"captures/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await stranger.StatusAsync(HttpMethod.Patch, $"captures/{id}", new { tags = new[] { "mine" } })).ShouldBe(HttpStatusCode.NotFound);
        (await stranger.StatusAsync(HttpMethod.Delete, $"captures/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await stranger.StatusAsync(HttpMethod.Post, $"captures/{id}/retry")).ShouldBe(HttpStatusCode.NotFound);
        (await stranger.ListAsync()).ShouldBeEmpty();
        var kept = await owner.GetAsync(id);
        kept["version"]!.GetValue<long>().ShouldBe(1);
        using var anonymous = capture.App.Anonymous();
        (await anonymous.GetAsync($"captures/{id}")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Tags_and_title_are_changed_only_if_the_capture_is_as_it_was_read()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync(("tags", new[] { "old" }), ("title", "Old")));
        using var first = await PatchAsync(person, id, "\"1\"", new { tags = new[] { "New", "new", "b" } });
        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        first.Headers.ETag!.Tag.ShouldBe("\"2\"");
        var changed = await JsonAsync(first);
        changed["tags"]!.AsArray().Select(t => t!.GetValue<string>()).ShouldBe(["New", "b"]);
        changed["title"]!.GetValue<string>().ShouldBe("Old");

        using var stale = await PatchAsync(person, id, "\"1\"", new { title = "Lost" });
        stale.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        using var renamed = await PatchAsync(person, id, "\"2\"", new { title = " Brand  new " });
        (await JsonAsync(renamed))["title"]!.GetValue<string>().ShouldBe("Brand new");
        using var cleared = await PatchAsync(person, id, null, new { title = "" });
        (await JsonAsync(cleared))["title"].ShouldBeNull();
        using var bad = await PatchAsync(person, id, null, new { tags = new[] { " " } });
        bad.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await person.GetAsync(id))["version"]!.GetValue<long>().ShouldBe(4);
    }

    [Fact]
    public async Task A_deleted_capture_is_gone_and_stays_gone_whatever_is_said_of_it_later()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        using var stale = new HttpRequestMessage(HttpMethod.Delete, $"captures/{id}") { Headers = { { "If-Match", "\"7\"" } } };
        using (var refused = await person.Http.SendAsync(stale))
            refused.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
        (await person.StatusAsync(HttpMethod.Delete, $"captures/{id}")).ShouldBe(HttpStatusCode.NoContent);
        var deleted = (await capture.PublishedAsync<ContentDeleted>(id, 1)).ShouldHaveSingleItem();
        (deleted.UserId, deleted.Version).ShouldBe((person.UserId, 2L));

        await capture.App.DeliverAsync(new ContentProcessed(person.UserId, id, 1, Guid.NewGuid(), "Topic", 3, "offline", 1));
        await capture.App.DeliverAsync(new ContentFailed(person.UserId, id, 1, "No", 1));
        (await person.StatusAsync(HttpMethod.Get, $"captures/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await person.StatusAsync(HttpMethod.Delete, $"captures/{id}")).ShouldBe(HttpStatusCode.NotFound);
        (await person.StatusAsync(HttpMethod.Post, $"captures/{id}/retry")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Of_ten_parallel_deletions_one_deletes()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => person.StatusAsync(HttpMethod.Delete, $"captures/{id}")));
        answers.Count(a => a == HttpStatusCode.NoContent).ShouldBe(1);
        answers.Count(a => a == HttpStatusCode.NotFound).ShouldBe(9);
        (await capture.PublishedAsync<ContentDeleted>(id, 1)).Count.ShouldBe(1);
        (await capture.App.QueryAsync<long>("capture", "select bytes from storage_usage where user_id = $1", person.UserId)).ShouldBe(0);
    }

    [Fact]
    public async Task A_failed_capture_is_tried_again_as_the_next_attempt()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        (await person.StatusAsync(HttpMethod.Post, $"captures/{id}/retry")).ShouldBe(HttpStatusCode.Conflict);
        await capture.App.DeliverAsync(new ContentFailed(person.UserId, id, 1, "The provider was busy.", 1));

        using (var retried = await person.Http.PostAsync($"captures/{id}/retry", content: null))
        {
            retried.StatusCode.ShouldBe(HttpStatusCode.OK);
            var pending = await JsonAsync(retried);
            pending["status"]!.GetValue<string>().ShouldBe("PENDING");
            pending["failureReason"].ShouldBeNull();
            pending["attempt"]!.GetValue<int>().ShouldBe(2);
        }

        (await person.StatusAsync(HttpMethod.Post, $"captures/{id}/retry")).ShouldBe(HttpStatusCode.Conflict);
        var captured = await capture.PublishedAsync<ContentCaptured>(id, 2);
        captured.Select(c => c.Attempt).ShouldBe([1, 2]);
        captured[1].Version.ShouldBe((await person.GetAsync(id))["version"]!.GetValue<long>());
        captured[1].Text.ShouldBe(captured[0].Text);
    }

    [Fact]
    public async Task Of_ten_parallel_retries_one_tries_again()
    {
        using var person = capture.NewPerson();
        var id = IdOf(await person.CreateAsync());
        await capture.App.DeliverAsync(new ContentFailed(person.UserId, id, 1, "No.", 1));
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => person.StatusAsync(HttpMethod.Post, $"captures/{id}/retry")));
        answers.Count(a => a == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(a => a == HttpStatusCode.Conflict).ShouldBe(9);
        (await person.GetAsync(id))["attempt"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task A_person_who_leaves_is_exported_before_and_erased_after()
    {
        using var person = capture.NewPerson();
        using var other = capture.NewPerson();
        var ids = new[] { IdOf(await person.CreateAsync(("title", "One"))), IdOf(await person.CreateAsync(("metadata", new { a = 1 }))) };
        var kept = IdOf(await other.CreateAsync());
        var export = (await capture.ExportAsync(person.UserId))!;
        export["captures"]!.AsArray().Select(c => IdOf(c!)).ShouldBe(ids);
        export["captures"]![0]!["title"]!.GetValue<string>().ShouldBe("One");
        (await capture.ExportAsync(Guid.NewGuid())).ShouldBeNull();

        await capture.App.DeliverAsync(new UserDeleted(person.UserId, 2), times: 2);
        (await capture.ExportAsync(person.UserId)).ShouldBeNull();
        (await capture.App.QueryAsync<long>("capture", "select count(*) from storage_usage where user_id = $1", person.UserId)).ShouldBe(0);
        (await other.ListAsync()).ShouldBe([kept]);
    }

    [Fact]
    public async Task A_first_capture_that_is_being_created_while_its_person_leaves_is_erased_too()
    {
        var user = Guid.NewGuid();
        await using var creating = capture.App.Services.CreateAsyncScope();
        var db = creating.ServiceProvider.GetRequiredService<CaptureDb>();
        await using var creation = await db.Database.BeginTransactionAsync();
        await db.LockUsageAsync(user, CancellationToken.None);
        db.Captures.Add(CapturedItem.Create(user, new CaptureDraft(CaptureType.Text, "Text", CaptureDraft.HashOfText("Text"), null, null, null, TagList.None, null), isRepeat: false, capture.App.Clock.GetUtcNow()));
        await db.SaveChangesAsync();

        var leaving = capture.App.DeliverAsync(new UserDeleted(user, 2));
        await Eventually.TrueAsync(
            async () => leaving.IsCompleted || await capture.App.QueryAsync<bool>("capture", "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like '%storage_usage%')"),
            "the erasure waits or is done");
        await creation.CommitAsync();
        await leaving;

        (await capture.App.QueryAsync<long>("capture", "select count(*) from captures where user_id = $1", user)).ShouldBe(0);
        (await capture.App.QueryAsync<long>("capture", "select count(*) from storage_usage where user_id = $1", user)).ShouldBe(0);
    }

    [Fact]
    public async Task A_capture_that_nobody_answers_for_fails_after_a_while_and_a_late_success_is_still_taken()
    {
        using var person = capture.NewPerson();
        var (forgotten, recent) = (IdOf(await person.CreateAsync()), IdOf(await person.CreateAsync()));
        await capture.App.QueryAsync<int>("capture", "with u as (update captures set status_at = status_at - interval '25 hours' where id = $1) select 1", forgotten);

        await using (var scope = capture.App.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<CaptureDb>();
            await GiveUpPending.Run(db, scope.ServiceProvider.GetRequiredService<CaptureOptions>(), capture.App.Clock, CancellationToken.None);
            await db.SaveChangesAsync();
            await db.Database.CommitTransactionAsync();
        }

        var failed = await person.GetAsync(forgotten);
        failed["status"]!.GetValue<string>().ShouldBe("FAILED");
        failed["failureReason"]!.GetValue<string>().ShouldContain("Try again");
        (await person.GetAsync(recent))["status"]!.GetValue<string>().ShouldBe("PENDING");
        await capture.App.DeliverAsync(new ContentProcessed(person.UserId, forgotten, 1, Guid.NewGuid(), "Late", 3, "offline", 1));
        (await person.GetAsync(forgotten))["status"]!.GetValue<string>().ShouldBe("PROCESSED");
    }

    private static Task<HttpResponseMessage> PatchAsync(CaptureApi person, Guid id, string? ifMatch, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, $"captures/{id}") { Content = JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.Add("If-Match", ifMatch);
        return person.Http.SendAsync(request);
    }
}
