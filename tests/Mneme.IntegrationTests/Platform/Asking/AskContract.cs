using System.Diagnostics;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>What asking another process is like, whatever the asks travel over.</summary>
public abstract class AskContract : IDisposable
{
    protected TestCertificates Certificates { get; } = new();

    /// <summary>What every process is told.</summary>
    protected virtual (string Key, string Value)[] Common => [];

    /// <summary>How a process finds nobody who answers.</summary>
    protected abstract (string Key, string Value)[] ToNobody { get; }

    /// <summary>How a process finds another one.</summary>
    protected abstract (string Key, string Value)[] To(AskNode prices);

    [Fact]
    public async Task A_service_in_another_process_answers_with_a_value_a_problem_or_a_bug_as_one_next_door_does()
    {
        await using var prices = await StartAsync([new Prices()]);
        await using var shop = await StartAsync([new Shop()], To(prices));

        (await shop.AskAsync("shop", new PriceOf("apple"))).Value!.Cents.ShouldBe(5);
        (await shop.AskAsync("shop", new PriceOf("unknown"))).Problem.ShouldBe(Problem.NotFound("article"));
        (await shop.AskAsync("shop", new PriceOf(new string('x', 21)))).Problem!.Errors!.Keys.ShouldBe(["article"]);
        (await Should.ThrowAsync<InvalidOperationException>(() => shop.AskAsync("shop", new PriceOf("bug")))).Message.ShouldContain("failed to answer test.price");
        prices.Log.ShouldContain(line => line.Contains("prices failed to answer test.price", StringComparison.Ordinal) && line.Contains("a bug", StringComparison.Ordinal));
        (await shop.AskAsync("shop", new UnheardOf("apple"))).Problem!.Code.ShouldBe("service-unavailable");
    }

    [Fact]
    public async Task The_trace_goes_on_in_the_other_process()
    {
        await using var prices = await StartAsync([new Prices()]);
        await using var shop = await StartAsync([new Shop()], To(prices));
        using var source = new ActivitySource("Mneme.Test.Asking");
        using var span = source.StartActivity("here")!;

        (await shop.AskAsync("shop", new PriceOf("apple"))).Value!.TraceId.ShouldBe(span.TraceId.ToHexString());
    }

    [Fact]
    public async Task Who_asks_is_in_the_certificate_and_who_may_not_is_refused_and_written_down()
    {
        await using var prices = await StartAsync([new Prices()]);
        await using var shop = await StartAsync([new Shop(), new Shop("ledger")], To(prices));

        (await Should.ThrowAsync<InvalidOperationException>(() => shop.AskAsync("shop", new ShopsSecret("apple")))).Message.ShouldContain("refuses test.secret from 'shop'");
        prices.Log.ShouldContain(line => line.StartsWith("Warning: 'shop' asked 'prices' test.secret and is refused", StringComparison.Ordinal));
        // The same process may, with the other service's certificate.
        (await shop.AskAsync("ledger", new LedgersSecret("apple"))).Value!.Cents.ShouldBe(5);
    }

    [Fact]
    public async Task The_deadline_holds_and_reaches_the_answering_side()
    {
        var service = new Prices();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        service.Before = async (_, ct) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, ct);
            }
            finally
            {
                ended.TrySetResult();
            }
        };
        await using var prices = await StartAsync([service]);
        await using var shop = await StartAsync([new Shop()], To(prices));

        var outcome = await shop.AskAsync("shop", new Quick("apple"));

        outcome.Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
        outcome.Problem.Code.ShouldBe("deadline-passed");
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        service.Asked.ShouldBe(1, "what took too long is not begun again");
    }

    [Fact]
    public async Task Without_anybody_who_answers_the_answer_is_at_once_that_it_is_unavailable()
    {
        await using var shop = await StartAsync([new Shop()], ToNobody);
        // What is not idempotent, too: it certainly reached nobody.
        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem!.Code.ShouldBe("service-unavailable");
        (await shop.AskAsync("shop", new Reserve("apple"))).Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
    }

    /// <summary>For docs/asking.md. Not part of CI: a busy machine says nothing about speed.</summary>
    [Fact]
    [Trait("tier", "soak")]
    public async Task What_an_ask_costs_is_written_to_the_output()
    {
        await using var prices = await StartAsync([new Prices()]);
        await using var shop = await StartAsync([new Shop()], To(prices));
        var times = new List<TimeSpan>();
        for (var i = 0; i < 5000; i++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            (await shop.AskAsync("shop", new PriceOf("apple"))).Problem.ShouldBeNull();
            if (i >= 1000)
                times.Add(Stopwatch.GetElapsedTime(startedAt));
        }

        times.Sort();
        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant(
            $"{GetType().Name}: p50 {times[times.Count / 2].TotalMilliseconds:0.00} ms, p99 {times[times.Count * 99 / 100].TotalMilliseconds:0.00} ms, one after the other"));
    }

    public void Dispose()
    {
        Certificates.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A process' worth of services; those that others ask can be asked when it returns.</summary>
    internal async Task<AskNode> StartAsync(IReadOnlyList<IService> services, (string Key, string Value)[]? settings = null, TestClock? clock = null)
    {
        var node = await AskNode.StartAsync(Certificates, services, clock, settings: [.. Common, .. settings ?? []]);
        await ReadyAsync(node);
        return node;
    }

    protected virtual Task ReadyAsync(AskNode node) => Task.CompletedTask;
}
