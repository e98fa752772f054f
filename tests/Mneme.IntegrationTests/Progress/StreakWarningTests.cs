using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Identity;
using Mneme.Contracts.Progress;
using Mneme.IntegrationTests.Support;
using Mneme.Platform;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Progress;

/// <summary>Two instances on one database, whose clock moves through days on which the clocks change.</summary>
public sealed class StreakWarningTests(SharedApplication shared) : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly ConcurrentDictionary<Guid, EventEnvelope> _published = new();
    private TestApplication _app = null!;
    private TestApplication _second = null!;

    public async ValueTask InitializeAsync()
    {
        var prefix = "t" + Guid.NewGuid().ToString("n")[..12];
        _app = await TestApplication.StartAsync(shared.Postgres, prefix, customize: Record, clock: _clock);
        _second = await TestApplication.StartAsync(shared.Postgres, prefix, customize: Record, clock: _clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Whose_streak_ends_tonight_is_warned_once_after_20_00_local_time()
    {
        const string Berlin = "Europe/Berlin";
        var (active, idle, broken) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await MoveToAsync("2027-03-27T10:00:00+01:00");
        foreach (var person in new[] { active, idle, broken })
            await _app.DeliverAsync(LearnerEvents.Registered(person, timeZone: Berlin));
        await _app.DeliverAsync(LearnerEvents.Reviewed(broken, _clock.GetUtcNow().AddDays(-1), Berlin));
        await _app.DeliverAsync(LearnerEvents.Reviewed(idle, _clock.GetUtcNow().AddDays(-1), Berlin));
        await _app.DeliverAsync(LearnerEvents.Reviewed(idle, _clock.GetUtcNow(), Berlin));
        await _app.DeliverAsync(LearnerEvents.Reviewed(active, _clock.GetUtcNow(), Berlin));

        // On Saturday evening only the one whose last day was Friday is at stake.
        await RunAtAsync("2027-03-27T19:59:00+01:00");
        _published.ShouldBeEmpty();
        await RunAtAsync("2027-03-27T20:00:00+01:00");
        (await WarningsAsync(1)).Single().UserId.ShouldBe(broken);

        // Sunday has 23 hours: 19:59 summer time is 17:59 UTC.
        await MoveToAsync("2027-03-28T09:00:00+02:00");
        await _app.DeliverAsync(LearnerEvents.Reviewed(active, _clock.GetUtcNow(), Berlin));
        await RunAtAsync("2027-03-28T17:59:00Z");
        _published.Count.ShouldBe(1);
        await RunAtAsync("2027-03-28T18:00:30Z");
        var warning = (await WarningsAsync(2)).Single(w => w.UserId != broken);
        warning.ShouldBe(new StreakWarning(idle, 2, new DateOnly(2027, 3, 28), Berlin, warning.Version));
        warning.Version.ShouldBeGreaterThan(1);

        // Once a day, however often the job runs.
        await RunAtAsync("2027-03-28T18:06:00Z");
        await RunAtAsync("2027-03-28T21:59:00Z");
        _published.Count.ShouldBe(2);

        // Saved in the last minute, and at stake again the next evening.
        await _app.DeliverAsync(LearnerEvents.Reviewed(idle, _clock.GetUtcNow(), Berlin));
        await RunAtAsync("2027-03-29T18:10:00Z");
        var third = (await WarningsAsync(4)).Where(w => w.LocalDate == new DateOnly(2027, 3, 29)).ToList();
        third.Select(w => (w.UserId, w.Streak)).ShouldBe([(active, 2), (idle, 3)], ignoreOrder: true);
        third.Single(w => w.UserId == idle).Version.ShouldBeGreaterThan(warning.Version);
        _published.Count.ShouldBe(4);
        _published.Values.ShouldAllBe(e => e.Id.Version == 7 && e.Topic == "reminder-events" && e.Source == "progress");
    }

    [Fact]
    public async Task Each_zone_has_its_own_evening()
    {
        await MoveToAsync("2027-06-01T10:00:00Z");
        string[] zones = ["Pacific/Auckland", "Asia/Kathmandu", "Europe/Berlin", "America/Los_Angeles"];
        var people = zones.ToDictionary(zone => zone, _ => Guid.CreateVersion7());
        foreach (var (zone, person) in people)
        {
            await _app.DeliverAsync(LearnerEvents.Registered(person, timeZone: zone));
            await _app.DeliverAsync(LearnerEvents.Reviewed(person, _clock.GetUtcNow(), zone));
        }

        await RunAtAsync("2027-06-02T08:30:00Z");
        (await WarningsAsync(1)).Select(w => w.UserId).ShouldBe([people["Pacific/Auckland"]]);
        await RunAtAsync("2027-06-02T14:20:00Z");
        (await WarningsAsync(2)).Select(w => w.UserId).ShouldContain(people["Asia/Kathmandu"]);
        await RunAtAsync("2027-06-02T18:20:00Z");
        (await WarningsAsync(3)).Select(w => w.UserId).ShouldContain(people["Europe/Berlin"]);
        await RunAtAsync("2027-06-03T03:01:00Z");
        (await WarningsAsync(4)).Single(w => w.UserId == people["America/Los_Angeles"]).LocalDate.ShouldBe(new DateOnly(2027, 6, 2));
    }

    [Fact]
    public async Task Nobody_who_left_is_warned()
    {
        var person = Guid.CreateVersion7();
        await MoveToAsync("2027-06-01T10:00:00Z");
        await _app.DeliverAsync(LearnerEvents.Registered(person, timeZone: "Europe/Berlin"));
        await _app.DeliverAsync(LearnerEvents.Reviewed(person, _clock.GetUtcNow(), "Europe/Berlin"));
        await _app.DeliverAsync(new UserDeleted(person, 2));

        await RunAtAsync("2027-06-02T18:30:00Z");
        _published.ShouldBeEmpty();
    }

    private void Record(WebApplicationBuilder builder)
    {
        var inner = builder.Services.Last(d => d.ServiceType == typeof(IEventTransport));
        builder.Services.AddSingleton<IEventTransport>(provider => new RecordingTransport((IEventTransport)inner.ImplementationFactory!(provider), _published));
    }

    /// <summary>Moves the clock, and lets the job run that is due by then.</summary>
    private async Task RunAtAsync(string instant)
    {
        _clock.MoveTo(DateTimeOffset.Parse(instant));
        await using (var rush = _app.Database("progress").CreateCommand("update jobs set due_at = $1 where kind = 'progress.warn-streaks'"))
        {
            rush.Parameters.Add(new() { Value = _clock.GetUtcNow() });
            await rush.ExecuteNonQueryAsync();
        }

        var moved = _clock.GetUtcNow();
        await Eventually.TrueAsync(
            async () => await _app.QueryAsync<long>("progress", "select count(*) from jobs where kind = 'progress.warn-streaks' and due_at > $1 and leased_until is null", moved) == 1,
            "the job has run");
        await Eventually.TrueAsync(async () => await _app.QueryAsync<long>("progress", "select count(*) from outbox") == 0, "what it published has left");
    }

    /// <summary>Moves the clock without warnings being of interest.</summary>
    private async Task MoveToAsync(string instant) => await RunAtAsync(instant);

    private async Task<List<StreakWarning>> WarningsAsync(int count)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_published.Count >= count), $"{count} warnings are published");
        _published.Count.ShouldBe(count);
        return [.. _published.Values.Select(e => JsonSerializer.Deserialize<StreakWarning>(e.Data, Json.Options)!)];
    }

    private sealed class RecordingTransport(IEventTransport inner, ConcurrentDictionary<Guid, EventEnvelope> published) : IEventTransport
    {
        public Task PublishAsync(IReadOnlyList<EventEnvelope> envelopes, CancellationToken ct)
        {
            foreach (var envelope in envelopes.Where(e => e.Type == "streak.warning.v1"))
                published[envelope.Id] = envelope;
            return inner.PublishAsync(envelopes, ct);
        }
    }
}
