using Mneme.IntegrationTests.Brokers;

namespace Mneme.IntegrationTests.Platform.Asking;

public sealed class RabbitMqAskTests(RabbitMqServer broker) : BrokerAskTests<RabbitMqServer>(broker)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_process_had_in_hand_when_it_was_cut_off_is_answered_by_another_one_if_it_may_be_asked_twice(bool isIdempotent)
    {
        var url = new Uri(Broker.Settings["RabbitMq:Url"]!);
        var (first, second, begun) = (new Prices("one"), new Prices("two"), Signal());
        first.Before = async (_, ct) =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, ct);
        };
        await using var shop = await StartAsync([new Shop()], [("Ask:Retries", "0")]);
        await using var link = new Link(url);
        await using var one = await StartAsync([first], [("RabbitMq:Url", new UriBuilder(url) { Port = link.Address.Port }.Uri.ToString())]);
        var asking = isIdempotent ? shop.AskAsync("shop", new PriceOfPatiently("apple")) : shop.AskAsync("shop", new ReservePatiently("apple"));
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await using var two = await StartAsync([second]);

        link.IsDown = true;
        link.Cut();

        var outcome = await asking;
        if (isIdempotent)
            outcome.Value!.Node.ShouldBe("two");
        else
            outcome.Problem!.Code.ShouldBe("service-unavailable", "it may have been done");
        second.Asked.ShouldBe(isIdempotent ? 1 : 0);
    }
}
