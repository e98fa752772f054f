using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Platform;

public sealed class DeliveryTests(SharedApplication shared)
{
    [Fact]
    public async Task A_commit_wakes_the_relay_so_that_an_event_does_not_wait_for_the_next_poll()
    {
        // Longer than anything here waits.
        await using var probe = await ProbeApplication.StartAsync(shared, settings: ("Messaging:PollInterval", "00:01:00"));
        using var client = probe.App.ClientOf(Guid.NewGuid());
        await PostAsync(client, "thing", "first");
        await Eventually.TrueAsync(async () => await probe.EffectsAsync("first") == 1, "the event is handled");

        await PostAsync(client, "thing", "second");
        await Eventually.TrueAsync(async () => await probe.EffectsAsync("second") == 1, "the event is handled, also when the relay had gone to sleep");

        await Eventually.TrueAsync(async () => await probe.CountAsync("outbox") == 0, "the relay removes what was confirmed");
    }

    [Fact]
    public async Task A_refused_or_failed_request_publishes_and_changes_nothing()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        using var client = probe.App.ClientOf(Guid.NewGuid());
        probe.Control.Failing["broken"] = true;

        (await client.PostAsJsonAsync("probe/things", new { name = "refused", labels = new[] { "no" } })).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await client.PostAsJsonAsync("probe/things", new { name = "broken", labels = new[] { "no" } })).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);

        (await probe.CountAsync("things")).ShouldBe(0);
        (await probe.CountAsync("outbox")).ShouldBe(0);
        (await probe.EffectsAsync("no")).ShouldBe(0);
    }

    [Fact]
    public async Task The_same_event_delivered_fifty_times_to_two_instances_has_one_effect()
    {
        await using var first = await ProbeApplication.StartAsync(shared, prefix: "twice");
        await using var second = await ProbeApplication.StartAsync(shared, prefix: "twice", first.App.Clock);
        var envelopes = Enumerable.Range(0, 20)
            .Select(i => Envelope(new ProbeHappened(Guid.NewGuid(), "fifty"), first.App)).ToList();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => (i % 2 == 0 ? first : second).App.PublishAsync(envelopes))));

        (await first.EffectsAsync("fifty")).ShouldBe(20);
        (await first.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_poison_event_is_retried_and_becomes_a_dead_letter_while_the_others_of_its_batch_proceed(bool handledInBatches)
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        probe.Control.Failing["poison"] = true;
        var subject = Guid.NewGuid();
        var envelopes = Enumerable.Range(0, 21).Select(i => i == 10 ? "poison" : "healthy")
            .Select(label => Envelope(handledInBatches ? new ProbeCounted(subject, label) : new ProbeHappened(subject, label), probe.App)).ToList();

        await probe.App.PublishAsync(envelopes);

        (await probe.EffectsAsync("healthy")).ShouldBe(20);
        (await probe.EffectsAsync("poison")).ShouldBe(0);
        using var admin = probe.App.Admin();
        var letter = await DeadLetterAsync(admin);
        letter.GetProperty("attempts").GetInt32().ShouldBe(3);
        letter.GetProperty("reason").GetString().ShouldBe("InvalidOperationException: The probe was told to fail on poison.");
        letter.GetProperty("eventId").GetGuid().ShouldBe(envelopes[10].Id);
    }

    [Fact]
    public async Task A_dead_letter_is_shown_redriven_once_and_discarded_by_administrators_only()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        probe.Control.Failing["poison"] = true;
        await probe.App.DeliverAsync(new ProbeHappened(Guid.NewGuid(), "poison"));
        using var admin = probe.App.Admin();
        var letter = await DeadLetterAsync(admin);
        var address = $"admin/dead-letters/probe/{letter.GetProperty("eventId").GetGuid()}";

        using var user = probe.App.ClientOf(Guid.NewGuid());
        (await user.GetAsync(address)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await user.PostAsync(address + "/redrive", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await admin.GetFromJsonAsync<JsonElement>(address)).GetProperty("data").GetString().ShouldNotBeNull().ShouldContain("poison");

        probe.Control.Failing.Clear();
        (await admin.PostAsync(address + "/redrive", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await admin.PostAsync(address + "/redrive", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await Eventually.TrueAsync(async () => await probe.EffectsAsync("poison") == 1, "the redriven event is handled");
        await Eventually.TrueAsync(async () => await probe.CountAsync("failed_deliveries") == 0, "nothing is left of it");

        probe.Control.Failing["useless"] = true;
        await probe.App.DeliverAsync(new ProbeHappened(Guid.NewGuid(), "useless"));
        var useless = await DeadLetterAsync(admin);
        (await admin.DeleteAsync($"admin/dead-letters/probe/{useless.GetProperty("eventId").GetGuid()}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await DeadLettersAsync(admin)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Dead_letters_are_listed_in_pages()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        probe.Control.Failing["poison"] = true;
        for (var i = 0; i < 5; i++)
            await probe.App.DeliverAsync(new ProbeHappened(Guid.NewGuid(), "poison"));
        using var admin = probe.App.Admin();
        await Eventually.TrueAsync(async () => (await DeadLettersAsync(admin)).Count == 5, "all five die");

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"admin/dead-letters?limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("eventId").GetGuid()));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        seen.Distinct().Count().ShouldBe(5);
        seen.Count.ShouldBe(5);
    }

    [Fact]
    public async Task An_erased_person_is_not_resurrected_by_late_events()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        var person = Guid.NewGuid();
        await probe.App.DeliverAsync(new ProbeHappened(person, "early"));
        (await probe.EffectsAsync("early")).ShouldBe(1);

        await probe.App.DeliverAsync(new UserDeleted(person, Version: 2), times: 2);
        await probe.App.DeliverAsync(new ProbeHappened(person, "late"));
        await probe.App.DeliverAsync(new ProbeHappened(Guid.NewGuid(), "somebody else's"));

        (await probe.EffectsAsync("early")).ShouldBe(0);
        (await probe.EffectsAsync("late")).ShouldBe(0);
        (await probe.EffectsAsync("somebody else's")).ShouldBe(1);
        (await probe.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_erased_person_is_not_resurrected_by_an_event_of_the_same_batch(bool isErasureFirst)
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        var person = Guid.NewGuid();
        var about = Envelope(new ProbeHappened(person, "about"), probe.App);
        var erasure = Envelope(new UserDeleted(person, Version: 2), probe.App);
        var other = Envelope(new ProbeHappened(Guid.NewGuid(), "other"), probe.App);

        await probe.App.PublishAsync(isErasureFirst ? [erasure, about, other] : [about, erasure, other]);

        (await probe.EffectsAsync("about")).ShouldBe(0);
        (await probe.EffectsAsync("other")).ShouldBe(1);
        (await probe.CountAsync("erased")).ShouldBe(1);
    }

    [Fact]
    public async Task An_erased_person_is_not_resurrected_by_an_event_that_is_being_handled_meanwhile()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        var person = Guid.NewGuid();
        var (arrived, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        probe.Control.BeforeEffect = (label, _) => label == "slow" && arrived.TrySetResult() ? mayGoOn.Task : Task.CompletedTask;
        var handling = probe.App.DeliverAsync(new ProbeHappened(person, "slow"));
        await arrived.Task;

        var erasure = probe.App.DeliverAsync(new UserDeleted(person, Version: 2));
        await Eventually.TrueAsync(
            async () => erasure.IsCompleted || await probe.App.QueryAsync<bool>("probe", "select exists (select from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database()))"),
            "the erasure is done, or waits");
        mayGoOn.SetResult();
        await Task.WhenAll(handling, erasure);

        (await probe.EffectsAsync("slow")).ShouldBe(0);
        (await probe.CountAsync("failed_deliveries")).ShouldBe(0);
    }

    [Fact]
    public async Task An_erasure_takes_the_persons_dead_letters_with_it()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        probe.Control.Failing["poison"] = true;
        var person = Guid.NewGuid();
        await probe.App.PublishAsync([Envelope(new ProbeHappened(person, "poison"), probe.App), Envelope(new ProbeHappened(Guid.NewGuid(), "poison"), probe.App)]);
        using var admin = probe.App.Admin();
        await Eventually.TrueAsync(async () => (await DeadLettersAsync(admin)).Count == 2, "both die");

        await probe.App.DeliverAsync(new UserDeleted(person, Version: 2));

        (await DeadLettersAsync(admin)).ShouldHaveSingleItem().GetProperty("subject").GetGuid().ShouldNotBe(person);
    }

    [Fact]
    public async Task A_handler_that_hangs_ends_as_a_dead_letter_and_does_not_hold_up_what_comes_behind()
    {
        await using var probe = await ProbeApplication.StartAsync(shared, settings: ("Messaging:HandlingTimeout", "00:00:01"));
        probe.Control.BeforeEffect = (label, ct) => label == "hangs" ? Task.Delay(Timeout.Infinite, ct) : Task.CompletedTask;
        using var client = probe.App.ClientOf(Guid.NewGuid());

        await PostAsync(client, "thing", "hangs", "beside");
        await PostAsync(client, "thing", "behind");

        await Eventually.TrueAsync(async () => await probe.EffectsAsync("beside") == 1 && await probe.EffectsAsync("behind") == 1, "the others are handled");
        await Eventually.TrueAsync(async () => await probe.CountAsync("outbox") == 0, "the relay is rid of all of them");
        using var admin = probe.App.Admin();
        var letter = await DeadLetterAsync(admin);
        letter.GetProperty("reason").GetString()!.ShouldContain("Canceled");
        (await probe.EffectsAsync("hangs")).ShouldBe(0);
    }

    private static async Task<JsonElement> DeadLetterAsync(HttpClient admin) =>
        (await Eventually.NotNullAsync(async () => await DeadLettersAsync(admin) is { Count: > 0 } letters ? letters : null, "three attempts fail"))[0];

    private static EventEnvelope Envelope(IIntegrationEvent e, TestApplication app) =>
        EventEnvelope.Of(e, "probe", app.Clock.GetUtcNow(), traceParent: null);

    private static async Task<List<JsonElement>> DeadLettersAsync(HttpClient admin) =>
        [.. (await admin.GetFromJsonAsync<JsonElement>("admin/dead-letters")).GetProperty("items").EnumerateArray()];

    private static async Task PostAsync(HttpClient client, string name, params string[] labels) =>
        (await client.PostAsJsonAsync("probe/things", new { name, labels })).StatusCode.ShouldBe(HttpStatusCode.Created);
}
