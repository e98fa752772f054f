using Microsoft.Extensions.Configuration;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.UnitTests.Platform;

public sealed class EventRoutesTests
{
    private static readonly IReadOnlyList<ServiceDescription> System = ServiceCatalog.Describe(new ConfigurationBuilder().Build());

    [Fact]
    public void A_publisher_knows_the_consumers_of_its_topics_wherever_they_run()
    {
        var routes = EventRoutes.Of([Find("capture")], System);

        routes.Topics.ShouldContain("content-events");
        routes.Consumers.Select(route => route.Consumer).ShouldContain("study", "it reacts to what capture publishes");
        routes.IsConsumed("content.captured.v1").ShouldBeTrue();
    }

    [Fact]
    public void A_consumer_is_there_with_all_it_wants_whoever_publishes_it()
    {
        var routes = EventRoutes.Of([Find("progress")], System);

        routes.Consumers.Single(route => route.Consumer == "progress").Types.Select(type => type.Name).ShouldContain("flashcard.reviewed.v1");
        routes.Topics.ShouldContain("learning-events");
        routes.IsConsumed("nobody.wants-this.v1").ShouldBeFalse();
    }

    [Fact]
    public void All_services_together_route_every_event_that_somebody_wants()
    {
        var routes = EventRoutes.Of(System, System);

        foreach (var service in System.Where(service => service.Subscriptions.Count > 0))
            routes.Consumers.Single(route => route.Consumer == service.Name).Types.Count.ShouldBe(service.Subscriptions.Count, service.Name);
        routes.Topics.ShouldBe(routes.Topics.Order(StringComparer.Ordinal));
    }

    private static ServiceDescription Find(string name) => System.Single(service => service.Name == name);
}
