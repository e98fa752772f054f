using Mneme.JourneyTests.Support;

namespace Mneme.JourneyTests;

/// <summary>The gateway as an operator meets it on the command line.</summary>
public sealed class GatewayCommandTests
{
    [Fact]
    public async Task Routes_are_listed_and_exported_without_a_database()
    {
        var routes = await MnemeProcess.RunAsync(["gateway", "routes"], ("Gateway__Destinations__study", "http://10.0.0.5:8080"));
        routes.Status.ShouldBe(0, routes.Output);
        routes.Output.ShouldContain("study: http://10.0.0.5:8080/");
        routes.Output.ShouldContain("/api/v1/flashcards/review");
        (await MnemeProcess.RunAsync(["gateway", "export", "--format", "haproxy"])).Output.ShouldContain("backend study");
        (await MnemeProcess.RunAsync(["gateway", "export", "--format", "traefik"])).Output.ShouldContain("loadBalancer:");
    }

    [Fact]
    public async Task It_does_not_start_without_what_it_needs()
    {
        var alone = await MnemeProcess.RunAsync(["serve", "--target", "gateway", "--verify-config"]);
        alone.Status.ShouldBe(1);
        alone.Output.ShouldContain("Ask__Addresses__identity");
        var wrong = await MnemeProcess.RunAsync(["gateway", "routes"], ("Gateway__Destinations__study", "10.0.0.5"));
        wrong.Status.ShouldBe(1);
        wrong.Output.ShouldContain("Gateway__Destinations__study: '10.0.0.5' is not an address");
    }
}
