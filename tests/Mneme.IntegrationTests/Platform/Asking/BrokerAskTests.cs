using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Asking;
using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Domain;
using Mneme.Platform.Security.Certificates;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Platform.Asking;

/// <summary>Asks over a real broker: who shares them, what is lost with what, and who is believed.</summary>
public abstract class BrokerAskTests<TBroker>(TBroker broker) : AskContract, IClassFixture<TBroker>
    where TBroker : class, IBroker
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _prefix = "a" + Guid.NewGuid().ToString("n")[..12];

    protected TBroker Broker => broker;

    protected override (string Key, string Value)[] Common =>
        [.. broker.Settings.Select(setting => (setting.Key, setting.Value!)), ("Messaging:Prefix", _prefix), ("Ask:Transport", "Broker"), ("Ask:Port", "-1")];

    protected override (string Key, string Value)[] ToNobody => [];

    protected override (string Key, string Value)[] To(AskNode prices) => [];

    [Fact]
    public async Task Processes_that_answer_share_the_requests_and_one_that_goes_is_not_missed()
    {
        var (first, second) = (new Prices("one"), new Prices("two"));
        await using var one = await StartAsync([first]);
        await using var two = await StartAsync([second]);
        await using var shop = await StartAsync([new Shop()]);
        await Eventually.TrueAsync(
            async () =>
            {
                (await shop.AskAsync("shop", new Reserve("apple"))).Problem.ShouldBeNull();
                return first.Asked > 0 && second.Asked > 0;
            },
            "both are asked");

        await one.StopAsync();
        for (var i = 0; i < 20; i++)
            (await shop.AskAsync("shop", new Reserve("apple"))).Value!.Node.ShouldBe("two");
    }

    [Fact]
    public async Task A_process_that_stops_answers_what_it_was_asked_and_takes_no_more()
    {
        var (first, second) = (new Prices("one"), new Prices("two"));
        var (begun, go) = (Signal(), Signal());
        first.Before = async (article, ct) =>
        {
            if (article != "held")
                return;
            begun.TrySetResult();
            await go.Task.WaitAsync(ct);
        };
        await using var one = await StartAsync([first]);
        await using var shop = await StartAsync([new Shop()]);
        var held = shop.AskAsync("shop", new ReservePatiently("held"));
        await begun.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await using var two = await StartAsync([second]);

        var stopping = one.StopAsync();
        for (var i = 0; i < 10; i++)
            (await shop.AskAsync("shop", new Reserve("apple"))).Problem.ShouldBeNull();
        stopping.IsCompleted.ShouldBeFalse("it finishes what it has");
        go.SetResult();

        (await held).Value!.Node.ShouldBe("one");
        await stopping;
        (await shop.AskAsync("shop", new Reserve("apple"))).Value!.Node.ShouldBe("two");
    }

    [Fact]
    public async Task No_more_are_in_hand_than_are_allowed_and_the_rest_waits_for_its_turn()
    {
        var (service, go) = (new Prices(), Signal());
        var (now, most) = (0, 0);
        service.Before = async (_, ct) =>
        {
            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            await go.Task.WaitAsync(ct);
            Interlocked.Decrement(ref now);
        };
        await using var prices = await StartAsync([service], [("Ask:Concurrency", "3")]);
        await using var shop = await StartAsync([new Shop()]);

        var asking = Enumerable.Range(0, 12).Select(_ => shop.AskAsync("shop", new ReservePatiently("apple"))).ToList();
        await Eventually.TrueAsync(() => Task.FromResult(service.Asked == 3), "three are begun");
        go.SetResult();
        foreach (var outcome in await Task.WhenAll(asking))
            outcome.Problem.ShouldBeNull();
        most.ShouldBe(3);
    }

    [Fact]
    public async Task When_the_broker_cuts_everybody_off_only_what_may_be_asked_twice_is_asked_again_and_it_goes_on()
    {
        var service = new Prices();
        await using var prices = await StartAsync([service]);
        await using var shop = await StartAsync([new Shop()], [("Ask:RetryDelay", "00:00:00.500"), ("Ask:Retries", "10"), ("Ask:BreakerThroughput", "1000")]);
        (await shop.AskAsync("shop", new PriceOf("apple"))).Value.ShouldNotBeNull();
        var isCut = 0;
        service.Before = async (article, ct) =>
        {
            if (article != "cut" || Interlocked.Exchange(ref isCut, 1) != 0)
                return;
            await broker.DisconnectAllAsync();
            await Task.Delay(Timeout.Infinite, ct);
        };

        (await shop.AskAsync("shop", new PriceOfPatiently("cut"))).Value.ShouldNotBeNull();
        isCut = 0;
        var before = service.Asked;
        (await shop.AskAsync("shop", new ReservePatiently("cut"))).Problem!.Code.ShouldBe("service-unavailable");
        service.Asked.ShouldBe(before + 1);
        await AnsweredAsync(shop);
    }

    [Fact]
    public async Task While_the_broker_is_away_the_answer_is_at_once_that_it_is_unavailable_and_later_it_goes_on()
    {
        await using var prices = await StartAsync([new Prices()]);
        await using var shop = await StartAsync([new Shop()], [("Ask:BreakerPause", "00:00:00.500")]);
        (await shop.AskAsync("shop", new PriceOf("apple"))).Value.ShouldNotBeNull();

        await broker.KillAsync();
        (await shop.AskAsync("shop", new ReservePatiently("apple"))).Problem!.Code.ShouldBe("service-unavailable", "it does not wait for the deadline");
        await broker.StartAsync();

        await AnsweredAsync(shop);
    }

    [Fact]
    public async Task A_circuit_opens_while_nobody_answers_and_closes_when_somebody_does()
    {
        var clock = new TestClock();
        await using var shop = await StartAsync([new Shop()], [("Ask:BreakerPause", "00:05:00"), ("Ask:BreakerThroughput", "2"), ("Ask:Retries", "1")], clock);
        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem!.Code.ShouldBe("service-unavailable");
        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem!.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
        shop.Log.ShouldContain(line => line.Contains("Calls to broker:prices keep failing", StringComparison.Ordinal));

        await using var prices = await StartAsync([new Prices()], clock: clock);
        clock.Advance(TimeSpan.FromMinutes(6));
        (await shop.AskAsync("shop", new PriceOf("apple"))).Value.ShouldNotBeNull();
    }

    [Fact]
    public async Task An_expired_certificate_counts_for_nothing_and_a_renewed_one_is_taken_up_without_a_restart()
    {
        var clock = new TestClock();
        await using var prices = await StartAsync([new Prices()], clock: clock);
        await using var shop = await StartAsync([new Shop()], [("Ask:BreakerPause", "00:00:00.500")], clock);
        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem.ShouldBeNull();

        clock.Advance(TimeSpan.FromDays(31));
        (await shop.AskAsync("shop", new PriceOf("apple"))).Problem!.Code.ShouldBe("service-unavailable");
        prices.Log.ShouldContain(line => line.Contains("and not now", StringComparison.Ordinal));

        new CertificateKeeper(new CertificateOptions(), Certificates.Folder, clock).Rotate(force: false).ShouldBe(["ledger", "prices", "shop"]);
        await AnsweredAsync(shop);
    }

    [Fact]
    public async Task Nobody_is_answered_who_cannot_prove_who_asks_whatever_is_put_on_the_broker()
    {
        var service = new Prices();
        await using var prices = await StartAsync([service]);
        await using var shop = await StartAsync([new Shop()]);
        using var others = new TestCertificates();
        var folder = new CertificateFolder(Certificates.Folder);
        using var own = folder.Read("shop")!;
        using var ledger = folder.Read("ledger")!;
        using var stranger = new CertificateFolder(others.Folder).Read("shop")!;
        var body = """{"article":"apple"}"""u8.ToArray();

        (await StatusAsync(Head(own), own)).ShouldBe(AskWire.Answered, "so it is not the test that is refused below");
        (await StatusAsync(Head(stranger), stranger)).ShouldBe(AskWire.NotBelieved, "another authority's");
        (await StatusAsync(Head(own), ledger)).ShouldBe(AskWire.NotBelieved, "another service's key");
        (await StatusAsync(Head(ledger), ledger)).ShouldBe(AskWire.Refused, "a service, but not one that may ask this");
        (await StatusAsync(Head(own), own, message => message[^70] ^= 1)).ShouldBe(AskWire.NotBelieved, "changed on its way");
        foreach (var reason in (string[])["not trusted here", "not by the key of 'shop'", "is refused: the contract"])
            prices.Log.ShouldContain(line => line.Contains(reason, StringComparison.Ordinal), reason);
        await DroppedAsync(Head(own) with { Service = "ledger" }, own, "somebody has moved it");
        await DroppedAsync(Head(own, TimeSpan.FromMinutes(5)), own, "set the clocks");
        await DroppedAsync(Head(own, TimeSpan.FromMinutes(-10)), own, "after its deadline");
        await DroppedAsync(Head(own), own, "is no request", message => message[0] = 0xff);
        service.Asked.ShouldBe(1);

        var copied = Head(own);
        (await StatusAsync(copied, own)).ShouldBe(AskWire.Answered);
        await DroppedAsync(copied, own, "somebody has copied it");
        service.Asked.ShouldBe(2);

        static AskRequestHead Head(X509Certificate2 of, TimeSpan fromNow = default) =>
            new("prices", "test.price", Guid.NewGuid(), "r", (DateTimeOffset.UtcNow + fromNow).ToUnixTimeMilliseconds(), 300_000, "", of.RawData);

        async Task<int> StatusAsync(AskRequestHead head, X509Certificate2 signer, Action<byte[]>? change = null, CancellationToken? ct = null)
        {
            var reply = await shop.Services.GetRequiredService<IAskBroker>().AskAsync(
                new AskRequestMessage("prices", head.Id.ToString(), replyTo =>
                {
                    var message = SignedMessage.Write(SignedMessage.Request, head with { ReplyTo = replyTo }, body, signer);
                    change?.Invoke(message);
                    return message;
                }, TimeSpan.FromMinutes(5)), ct ?? TestContext.Current.CancellationToken);
            return SignedMessage.Read<AskReplyHead>(SignedMessage.Reply, reply)!.Head.Status;
        }

        async Task DroppedAsync(AskRequestHead head, X509Certificate2 signer, string reason, Action<byte[]>? change = null)
        {
            using var patience = new CancellationTokenSource();
            var sending = StatusAsync(head, signer, change, patience.Token);
            await Eventually.TrueAsync(() => Task.FromResult(prices.Log.Any(line => line.Contains(reason, StringComparison.Ordinal))), reason);
            await patience.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => sending);
        }
    }

    [Fact]
    public async Task A_reply_counts_only_if_the_service_that_was_asked_has_signed_it_for_this_request()
    {
        await using var shop = await StartAsync([new Shop()], [("Ask:Retries", "0"), ("Ask:BreakerThroughput", "1000")]);
        var folder = new CertificateFolder(Certificates.Folder);
        using var prices = folder.Read("prices")!;
        using var ledger = folder.Read("ledger")!;
        using var stop = new CancellationTokenSource();
        var (taking, forge) = (Signal(), (Func<AskRequestHead, byte[]>)(_ => []));
        var serving = shop.Services.GetRequiredService<IAskBroker>().ServeAsync("prices", 1, delivery =>
        {
            var head = SignedMessage.Read<AskRequestHead>(SignedMessage.Request, delivery.Content)!.Head;
            return Task.FromResult<AskReplyMessage?>(new AskReplyMessage(head.ReplyTo, head.Id.ToString(), forge(head), TimeSpan.FromSeconds(10)));
        }, taking.SetResult, stop.Token);
        await taking.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        var answer = """{"cents":1,"traceId":"","node":"forged"}"""u8.ToArray();

        forge = head => SignedMessage.Write(SignedMessage.Reply, new AskReplyHead(head.Id, AskWire.Answered, prices.RawData), answer, prices);
        (await shop.AskAsync("shop", new Reserve("apple"))).Value!.Node.ShouldBe("forged", "so it is not the test that is refused below");
        foreach (var (forged, reason) in new (Func<AskRequestHead, byte[]>, string)[]
        {
            (head => SignedMessage.Write(SignedMessage.Reply, new AskReplyHead(head.Id, AskWire.Answered, ledger.RawData), answer, ledger), "its certificate is of 'ledger'"),
            (head => SignedMessage.Write(SignedMessage.Reply, new AskReplyHead(head.Id, AskWire.Answered, prices.RawData), answer, ledger), "not by the key of 'prices'"),
            (_ => SignedMessage.Write(SignedMessage.Reply, new AskReplyHead(Guid.NewGuid(), AskWire.Answered, prices.RawData), answer, prices), "it answers another request"),
            (head => SignedMessage.Write(SignedMessage.Request, new AskReplyHead(head.Id, AskWire.Answered, prices.RawData), answer, prices), "not by the key of 'prices'"),
            (_ => [1, 2, 3], "it is no reply"),
        })
        {
            forge = forged;
            (await shop.AskAsync("shop", new Reserve("apple"))).Problem!.Code.ShouldBe("service-unavailable", reason);
            shop.Log.ShouldContain(line => line.StartsWith("Error: Who answers for prices is not believed", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal), reason);
        }

        await stop.CancelAsync();
        await serving;
    }

    protected override Task ReadyAsync(AskNode node)
    {
        var answering = node.Services.GetRequiredService<ServiceRegistry>().Services.Where(service => service.Answers.Count > 0).Select(service => service.Name).ToList();
        return Eventually.TrueAsync(() => Task.FromResult(answering.All(name => node.Log.Contains($"Information: {name} is asked over the broker "))), "it can be asked");
    }

    protected static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected static Task AnsweredAsync(AskNode shop) => Eventually.TrueAsync(async () => (await shop.AskAsync("shop", new PriceOf("apple"))).Problem is null, "it is answered again");

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
            // Somebody else changed it meanwhile.
        }
    }
}
