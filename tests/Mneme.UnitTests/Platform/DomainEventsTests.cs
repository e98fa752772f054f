using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Domain;
using Mneme.Platform.Services;

namespace Mneme.UnitTests.Platform;

public sealed class DomainEventsTests
{
    private readonly List<string> _heard = [];

    [Fact]
    public async Task Handlers_hear_their_events_in_the_order_in_which_they_happened_and_were_declared()
    {
        var door = new Door();
        door.Open("front");
        door.Close();
        await TellAsync(door, "house");
        _heard.ShouldBe(["first: front opened", "second: front opened", "closed"]);
        door.UnsavedEvents().Count.ShouldBe(2, "who saves them marks them as saved");
        door.MarkSaved();
        await TellAsync(door, "house");
        _heard.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_service_hears_its_own_events_alone()
    {
        var door = new Door();
        door.Open("front");
        await TellAsync(door, "garden");
        await TellAsync(door, "nowhere");
        _heard.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failing_handler_fails_the_change_and_those_after_it_hear_nothing()
    {
        var door = new Door();
        door.Open("stuck");
        door.Close();
        (await Should.ThrowAsync<InvalidOperationException>(() => TellAsync(door, "house"))).Message.ShouldBe("It is stuck.");
        _heard.ShouldBe(["first: stuck opened"]);
    }

    private async Task TellAsync(Door door, string service)
    {
        var services = new ServiceCollection().AddSingleton(_heard);
        var descriptions = new[] { "house", "garden" }.Select(name =>
        {
            var builder = new ServiceBuilder(new ServiceDescription(name), services, new ConfigurationBuilder().Build());
            if (name == "house")
                builder.OnDomainEvent<Opened>(HearFirst).OnDomainEvent<Opened>(HearSecond).OnDomainEvent<Closed>(HearClosed);
            return builder.Description;
        }).ToList();
        await using var provider = services.BuildServiceProvider();
        await new DomainEvents(new CurrentService { Name = service }, new ServiceRegistry(descriptions), provider).DispatchAsync(door, TestContext.Current.CancellationToken);
    }

    private static Task HearFirst(Opened e, List<string> heard)
    {
        heard.Add($"first: {e.Which} opened");
        return Task.CompletedTask;
    }

    private static Task HearSecond(Opened e, List<string> heard, CancellationToken ct)
    {
        ct.CanBeCanceled.ShouldBeTrue();
        if (e.Which == "stuck")
            throw new InvalidOperationException("It is stuck.");
        heard.Add($"second: {e.Which} opened");
        return Task.CompletedTask;
    }

    private static Task HearClosed(Closed e, List<string> heard)
    {
        heard.Add("closed");
        return Task.CompletedTask;
    }

    private sealed record Opened(string Which) : IDomainEvent;

    private sealed record Closed : IDomainEvent;

    private sealed class Door : AggregateRoot
    {
        public void Open(string which) => Raise(new Opened(which));

        public void Close() => Raise(new Closed());
    }
}
