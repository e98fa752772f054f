using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security;
using Npgsql;

namespace Mneme.IntegrationTests.Notify;

public sealed class NotifyPersonalDataTests(SharedApplication shared)
{
    private readonly Guid _user = Guid.CreateVersion7();

    private TestApplication App => shared.App;

    [Fact]
    public async Task The_export_holds_recipient_preferences_and_history_with_the_mails()
    {
        await App.DeliverAsync(NotifyEvents.Registered(_user));
        await WaitForMailsAsync(1);

        await using var scope = App.Services.CreateAsyncScope();
        var personalData = scope.ServiceProvider.GetRequiredKeyedService<IPersonalData>("notify");
        var export = (await personalData.ExportAsync(_user, TestContext.Current.CancellationToken))!;

        export["recipient"]!["email"]!.GetValue<string>().ShouldBe(NotifyEvents.Address(_user));
        export["turnedOff"]!.AsArray().ShouldBeEmpty();
        export["notifications"]!.AsArray().Single()!["mail"]!.GetValue<string>().ShouldContain("Subject: Welcome to Mneme");
        (await personalData.ExportAsync(Guid.NewGuid(), TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_of_somebody_who_left_remains_and_late_events_bring_nothing_back()
    {
        await App.DeliverAsync(NotifyEvents.Registered(_user));
        // Tomorrow's: today's would be late if midnight came before it was sent.
        await App.DeliverAsync(NotifyEvents.Due(_user, App.Clock.GetUtcNow().AddDays(1)));
        await WaitForMailsAsync(2);
        var file = Path.Combine(App.DataFolder, "mail", (await App.QueryAsync<string>("notify", "select mail_file from notifications where user_id = $1 and kind = 'REMINDER'", _user))!);
        File.Exists(file).ShouldBeTrue();
        var ids = await App.QueryAsync<Guid[]>("notify", "select array_agg(id) from notifications where user_id = $1", _user);
        // One that still waits in the queue.
        await using (var insert = App.Database("notify").CreateCommand(
            "with n as (insert into notifications (id, user_id, kind, local_date, status, created_at) values (gen_random_uuid(), $1, 'REMINDER', '2999-01-01', 'QUEUED', now()) returning id) "
            + "insert into jobs (id, kind, key, payload, due_at, enqueued_at) select gen_random_uuid(), 'notify.send', replace(id::text, '-', ''), '{}', '2999-01-01', now() from n"))
        {
            insert.Parameters.Add(new() { Value = _user });
            await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var waiting = await App.QueryAsync<string>("notify", "select replace(id::text, '-', '') from notifications where user_id = $1 and status = 'QUEUED'", _user);
        await App.DeliverAsync(new UserDeleted(_user, 2));
        await App.DeliverAsync(NotifyEvents.AtStake(_user, App.Clock.GetUtcNow()));
        await App.DeliverAsync(NotifyEvents.Registered(_user));

        File.Exists(file).ShouldBeFalse();
        await NothingIsKnownAsync();
        (await App.QueryAsync<long>("notify", "select count(*) from jobs where key = $1", waiting!)).ShouldBe(0);
        (await App.QueryAsync<long>("notify", "select count(*) from job_keys where key = any($1)", (object)ids!.Select(id => id.ToString("n")).ToArray())).ShouldBe(0);
    }

    [Fact]
    public async Task A_deletion_that_arrives_together_with_what_came_before_it_is_the_last_word()
    {
        var other = Guid.CreateVersion7();
        var now = App.Clock.GetUtcNow();
        IIntegrationEvent[] events = [new UserDeleted(other, 2), NotifyEvents.Registered(_user), NotifyEvents.Due(_user, now), new UserDeleted(_user, 2)];

        await App.PublishAsync([.. events.Select(e => EventEnvelope.Of(e, "test", now, traceParent: null))]);

        await NothingIsKnownAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_for_the_erasure_brings_nothing_back(bool isUpdate)
    {
        await App.DeliverAsync(NotifyEvents.Registered(_user));
        await WaitForMailsAsync(1);
        // As the deletion does in another instance: the event below was claimed before the tombstone could be seen.
        await using var connection = await App.Database("notify").OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var erasure = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var erase = new NpgsqlCommand("""
            with recipient as (delete from recipients where user_id = $1), history as (delete from notifications where user_id = $1)
            insert into erased (id, erased_at) values ($1, now())
            """, connection) { Parameters = { new() { Value = _user } } };
        await erase.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var delivery = App.DeliverAsync(isUpdate
            ? new UserUpdated(_user, "new@example.org", "Ada", "USER", NotifyEvents.Zone, "en", IsPublic: false, Version: 2)
            : NotifyEvents.Due(_user, App.Clock.GetUtcNow()));
        await Eventually.TrueAsync(
            async () => await App.QueryAsync<bool>("notify", "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))", connection.ProcessID), "the event waits for the erasure");
        await erasure.CommitAsync(TestContext.Current.CancellationToken);
        await delivery;

        await NothingIsKnownAsync();
    }

    private async Task NothingIsKnownAsync()
    {
        foreach (var table in new[] { "recipients", "preferences", "notifications" })
            (await App.QueryAsync<long>("notify", $"select count(*) from {table} where user_id = $1", _user)).ShouldBe(0, table);
    }

    private Task WaitForMailsAsync(int count) => Eventually.TrueAsync(
        async () => await App.QueryAsync<long>("notify", "select count(*) from notifications where user_id = $1 and status = 'SENT'", _user) == count, $"{count} mails are written");
}
