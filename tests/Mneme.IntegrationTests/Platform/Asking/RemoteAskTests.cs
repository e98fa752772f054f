using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>Two processes' worth of services that ask each other over real HTTP/2 and mutual TLS.</summary>
public sealed class RemoteAskTests : AskContract
{
    protected override (string, string)[] ToNobody => [("Ask:Addresses:prices", "https://127.0.0.1:1")];

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
        await using var prices = await AskNode.StartAsync(Certificates, [service]);
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
        await using var one = await AskNode.StartAsync(Certificates, [first]);
        await using var two = await AskNode.StartAsync(Certificates, [second]);
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
        await using var prices = await AskNode.StartAsync(Certificates, [service]);
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
        await using var prices = await AskNode.StartAsync(Certificates, [new Prices()]);
        await using var link = new Link(prices.Address) { IsDown = true };
        await using var shop = await AskNode.StartAsync(
            Certificates, [new Shop()], clock, settings: [("Ask:Addresses:prices", link.Address.ToString()), ("Ask:BreakerPause", "00:05:00"), ("Ask:BreakerThroughput", "2"), ("Ask:Retries", "1")]);

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
        await using var one = await AskNode.StartAsync(Certificates, [first]);
        await using var two = await AskNode.StartAsync(Certificates, [second]);
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

    protected override (string, string)[] To(AskNode prices) => [("Ask:Addresses:prices", prices.Address.ToString())];

    private Task<AskNode> ShopAsync(params Uri[] prices) =>
        AskNode.StartAsync(Certificates, [new Shop()], settings: ("Ask:Addresses:prices", string.Join(',', prices.Select(p => p.ToString()))));
}
