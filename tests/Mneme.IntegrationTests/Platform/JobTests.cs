using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Jobs;

namespace Mneme.IntegrationTests.Platform;

public sealed class JobTests(SharedApplication shared)
{
    [Fact]
    public async Task Fifty_enqueuings_of_one_key_run_one_job_and_commit_its_result_once()
    {
        await using var probe = await ProbeApplication.StartAsync(shared, prefix: "jobsa");
        await using var second = await ProbeApplication.StartAsync(shared, prefix: "jobsa", probe.App.Clock);

        var added = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => EnqueueAsync(i % 2 == 0 ? probe : second, "once")));
        added.Count(wasAdded => wasAdded).ShouldBe(1);

        await Eventually.TrueAsync(async () => await probe.EffectsAsync("from-job-once") == 1, "the job ran and its event was handled");
        (await EnqueueAsync(probe, "once")).ShouldBeFalse("a finished job is remembered by its key");
        (await probe.CountAsync("things")).ShouldBe(1);
        (probe.Control.Attempts.Count + second.Control.Attempts.Count).ShouldBe(1);
    }

    [Fact]
    public async Task A_job_that_was_done_while_another_enqueued_it_is_not_added_again()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        await using var scope = probe.App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProbeDb>();
        await using var first = await db.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
        (await db.EnqueueAsync(ProbeService.Job, "overtaken", new ProbeJob("overtaken"), probe.App.Clock.GetUtcNow())).ShouldBeTrue();
        var second = EnqueueAsync(probe, "overtaken");
        await Eventually.TrueAsync(
            async () => await probe.App.QueryAsync<long>("probe", "select count(*) from pg_locks where not granted and transactionid is not null and pid in (select pid from pg_stat_activity where datname = current_database())") == 1,
            "the second waits for the first");

        // The job is done before the second's statement, which began when it was not, goes on.
        await db.Database.ExecuteSqlAsync($"delete from jobs where key = 'overtaken'", TestContext.Current.CancellationToken);
        await first.CommitAsync(TestContext.Current.CancellationToken);

        (await second).ShouldBeFalse();
        (await probe.App.QueryAsync<long>("probe", "select count(*) from jobs where key = 'overtaken'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_failing_job_is_tried_again_under_the_same_id_told_of_its_last_attempt_and_then_kept_with_its_reason()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        probe.Control.Failing["bad"] = true;

        await EnqueueAsync(probe, "bad");
        await Eventually.TrueAsync(async () => await probe.App.QueryAsync<long>("probe", "select count(*) from jobs where failed_at is not null") == 1, "three attempts fail");

        probe.Control.Attempts.Select(a => (a.Attempt, a.IsLastAttempt)).ShouldBe([(1, false), (2, false), (3, true)]);
        probe.Control.Attempts.Select(a => a.Id).Distinct().Count().ShouldBe(1);
        (await probe.App.QueryAsync<string>("probe", "select last_error from jobs where failed_at is not null")).ShouldBe("InvalidOperationException: The probe was told to fail on bad.");
        (await probe.CountAsync("things")).ShouldBe(0);
    }

    [Fact]
    public async Task A_job_whose_lease_was_lost_is_run_by_another_worker_and_its_late_result_is_discarded()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        var arrived = new TaskCompletionSource();
        var mayReturn = new TaskCompletionSource();
        probe.Control.JobWork = _ => arrived.TrySetResult() ? mayReturn.Task : Task.CompletedTask;
        await EnqueueAsync(probe, "slow");
        await arrived.Task;

        // As if the worker had been frozen, and another had taken the job and died.
        await probe.App.QueryAsync<object>("probe", "update jobs set attempts = attempts + 1, leased_until = now() - interval '1 hour' where kind = 'probe.job'");
        await Eventually.TrueAsync(async () => await probe.CountAsync("things") == 1, "a third takes it and does the work");
        mayReturn.SetResult();

        await Eventually.TrueAsync(async () => await probe.App.QueryAsync<long>("probe", "select count(*) from jobs where kind = 'probe.job'") == 0, "the job is done");
        await Eventually.TrueAsync(async () => await probe.EffectsAsync("from-job-slow") == 1, "its event is handled");
        probe.Control.Attempts.Select(a => a.Attempt).ShouldBe([1, 3]);
        (await probe.CountAsync("things")).ShouldBe(1);
    }

    [Fact]
    public async Task A_recurring_job_runs_once_for_all_instances_and_again_after_its_interval()
    {
        await using var first = await ProbeApplication.StartAsync(shared, prefix: "jobsc");
        await using var second = await ProbeApplication.StartAsync(shared, prefix: "jobsc", first.App.Clock);
        int Runs() => first.Control.RecurringRuns.Count + second.Control.RecurringRuns.Count;
        await Eventually.TrueAsync(() => Task.FromResult(Runs() == 1), "it runs at the start");
        await RecurringWaitsAsync(first);
        var run = await RecurringIdAsync(first);

        first.App.Clock.Advance(TimeSpan.FromMinutes(61));
        await Eventually.TrueAsync(() => Task.FromResult(Runs() == 2), "an hour later it runs again");
        await RecurringWaitsAsync(first);
        (await RecurringIdAsync(first)).ShouldNotBe(run, "what comes late of one run must not match the next");
    }

    [Fact]
    public async Task The_next_run_of_a_recurring_job_counts_from_the_start_of_the_last_one()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        await RecurringWaitsAsync(probe);
        var runs = probe.Control.RecurringRuns.Count;
        var mayReturn = new TaskCompletionSource();
        probe.Control.RecurringWork = () => mayReturn.Task;
        probe.App.Clock.Advance(TimeSpan.FromMinutes(61));
        await Eventually.TrueAsync(() => Task.FromResult(probe.Control.RecurringRuns.Count > runs), "an hour later it runs again");

        probe.App.Clock.Advance(TimeSpan.FromSeconds(3));
        mayReturn.SetResult();

        await RecurringWaitsAsync(probe);
        var due = await probe.App.QueryAsync<DateTime>("probe", "select due_at from jobs where kind = 'probe.recurring'");
        new DateTimeOffset(due).ShouldBeLessThanOrEqualTo(probe.Control.RecurringRuns.Last() + TimeSpan.FromHours(1));
    }

    private static Task<Guid> RecurringIdAsync(ProbeApplication probe) => probe.App.QueryAsync<Guid>("probe", "select id from jobs where kind = 'probe.recurring'");

    private static Task RecurringWaitsAsync(ProbeApplication probe) => Eventually.TrueAsync(
        async () => await probe.App.QueryAsync<bool>("probe", "select due_at > $1 and leased_until is null from jobs where kind = 'probe.recurring'", probe.App.Clock.GetUtcNow()),
        "it waits for its next run");

    private static async Task<bool> EnqueueAsync(ProbeApplication probe, string label)
    {
        await using var scope = probe.App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ProbeDb>().EnqueueAsync(ProbeService.Job, label, new ProbeJob(label), probe.App.Clock.GetUtcNow());
    }
}
