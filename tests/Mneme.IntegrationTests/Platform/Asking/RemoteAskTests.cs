using System.Diagnostics;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>Two processes' worth of services that ask each other over real HTTP/2 and mutual TLS.</summary>
public sealed class RemoteAskTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task A_service_in_another_process_answers_with_a_value_a_problem_or_a_bug_as_one_next_door_does()
    {
        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()]);
        await using var shop = await ShopAsync(prices.Address);

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
        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()]);
        await using var shop = await ShopAsync(prices.Address);
        using var source = new ActivitySource("Mneme.Test.Asking");
        using var span = source.StartActivity("here")!;

        (await shop.AskAsync("shop", new PriceOf("apple"))).Value!.TraceId.ShouldBe(span.TraceId.ToHexString());
    }

    [Fact]
    public async Task Who_asks_is_in_the_certificate_and_who_may_not_is_refused_and_written_down()
    {
        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()]);
        await using var shop = await AskNode.StartAsync(_certificates, [new Shop(), new Shop("ledger")], settings: ("Ask:Addresses:prices", prices.Address.ToString()));

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
        await using var prices = await AskNode.StartAsync(_certificates, [service]);
        await using var shop = await ShopAsync(prices.Address);

        var outcome = await shop.AskAsync("shop", new Quick("apple"));

        outcome.Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
        outcome.Problem.Code.ShouldBe("deadline-passed");
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        service.Asked.ShouldBe(1, "what took too long is not begun again");
    }

    [Fact]
    public async Task When_the_asker_gives_up_so_does_the_answer()
    {
        var service = new Prices();
        var (begun, ended) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        service.Before = async (_, ct) =>
        {
            begun.TrySetResult();
            await using var registration = ct.Register(() => ended.TrySetResult());
            await Task.Delay(Timeout.Infinite, ct);
        };
        await using var prices = await AskNode.StartAsync(_certificates, [service]);
        await using var shop = await ShopAsync(prices.Address);
        using var patience = new CancellationTokenSource();

        var asking = shop.AskAsync("shop", new PriceOf("apple"), patience.Token);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await patience.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asking);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task When_one_of_two_addresses_dies_nobody_notices()
    {
        var (first, second) = (new Prices("one"), new Prices("two"));
        await using var one = await AskNode.StartAsync(_certificates, [first]);
        await using var two = await AskNode.StartAsync(_certificates, [second]);
        await using var link = new Link(one.Address);
        await using var shop = await ShopAsync(link.Address, two.Address);
        for (var i = 0; i < 10; i++)
            (await shop.AskAsync("shop", new PriceOf("apple"))).Value.ShouldNotBeNull();
        (first.Asked, second.Asked).ShouldBe((5, 5), "the addresses take turns");

        link.IsDown = true;
        link.Cut();
        for (var i = 0; i < 20; i++)
            (await shop.AskAsync("shop", new PriceOf("apple"))).Value!.Node.ShouldBe("two");
        link.Connections.ShouldBeLessThan(10, "an address that just failed is not tried while another one answers");
        // What is not idempotent goes the same way: it was certainly not sent.
        (await shop.AskAsync("shop", new Reserve("apple"))).Value!.Node.ShouldBe("two");
    }

    [Fact]
    public async Task What_may_have_been_received_is_repeated_only_if_asking_twice_does_no_harm()
    {
        var service = new Prices();
        await using var prices = await AskNode.StartAsync(_certificates, [service]);
        await using var link = new Link(prices.Address);
        await using var shop = await ShopAsync(link.Address);
        service.Before = (_, ct) =>
        {
            if (service.Asked % 2 == 0)
                return Task.CompletedTask;
            link.Cut();
            return Task.Delay(Timeout.Infinite, ct);
        };

        (await shop.AskAsync("shop", new PriceOf("apple"))).Value.ShouldNotBeNull();
        service.Asked.ShouldBe(2);
        (await shop.AskAsync("shop", new Reserve("apple"))).Problem!.Code.ShouldBe("service-unavailable");
        service.Asked.ShouldBe(3);
    }

    [Fact]
    public async Task A_circuit_opens_answers_at_once_and_closes_when_the_service_is_back()
    {
        var clock = new TestClock();
        await using var prices = await AskNode.StartAsync(_certificates, [new Prices()]);
        await using var link = new Link(prices.Address) { IsDown = true };
        await using var shop = await AskNode.StartAsync(
            _certificates, [new Shop()], clock, settings: [("Ask:Addresses:prices", link.Address.ToString()), ("Ask:BreakerPause", "00:05:00"), ("Ask:BreakerThroughput", "2"), ("Ask:Retries", "1")]);

        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem!.Code.ShouldBe("service-unavailable");
        var connections = link.Connections;
        connections.ShouldBe(2);
        var open = (await shop.AskAsync("shop", new PriceOf("apple"))).Problem!;
        open.Kind.ShouldBe(ProblemKind.Unavailable);
        open.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
        link.Connections.ShouldBe(connections, "it is not even tried");
        shop.Log.ShouldContain(line => line.Contains("keep failing", StringComparison.Ordinal));

        link.IsDown = false;
        clock.Advance(TimeSpan.FromMinutes(6));
        (await shop.AskAsync("shop", new PriceOf("apple"))).Value.ShouldNotBeNull("it is tried again");
        shop.Log.ShouldContain(line => line.Contains("succeed again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_that_stops_answers_what_it_was_asked_and_the_rest_goes_elsewhere()
    {
        var (first, second) = (new Prices("one"), new Prices("two"));
        var (begun, go) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        first.Before = async (article, ct) =>
        {
            if (article != "held")
                return;
            begun.TrySetResult();
            await go.Task.WaitAsync(ct);
        };
        second.Before = (article, _) => article == "held" ? throw new InvalidOperationException("the held request is with the other") : Task.CompletedTask;
        await using var one = await AskNode.StartAsync(_certificates, [first]);
        await using var two = await AskNode.StartAsync(_certificates, [second]);
        await using var alone = await ShopAsync(one.Address);
        await using var shop = await ShopAsync(one.Address, two.Address);
        (await shop.AskAsync("shop", new PriceOf("apple"))).Value.ShouldNotBeNull();
        (await shop.AskAsync("shop", new PriceOf("apple"))).Value.ShouldNotBeNull();
        var held = alone.AskAsync("shop", new Reserve("held"));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        var stopping = one.StopAsync();
        for (var i = 0; i < 50; i++)
            (await shop.AskAsync("shop", new Reserve("apple"))).Problem.ShouldBeNull();
        go.SetResult();

        (await held).Value!.Node.ShouldBe("one");
        await stopping;
        (await shop.AskAsync("shop", new Reserve("apple"))).Value!.Node.ShouldBe("two");
    }

    [Fact]
    public async Task Without_a_listener_or_an_address_the_answer_is_that_it_is_unavailable()
    {
        await using var shop = await ShopAsync(new Uri("https://127.0.0.1:1"));
        (await shop.AskAsync("shop", new Reserve("apple"))).Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
    }

    public void Dispose() => _certificates.Dispose();

    private Task<AskNode> ShopAsync(params Uri[] prices) =>
        AskNode.StartAsync(_certificates, [new Shop()], settings: ("Ask:Addresses:prices", string.Join(',', prices.Select(p => p.ToString()))));
}
