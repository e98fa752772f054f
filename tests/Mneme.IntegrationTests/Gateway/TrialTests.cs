using System.Net;
using Mneme.IntegrationTests.Identity;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>A service of which no destination looks healthy: it is found again by requests, and an absent one keeps nobody waiting.</summary>
public sealed class TrialTests
{
    private const string Never = "00:10:00";

    private readonly TestTokens _tokens = new();

    [Fact]
    public async Task A_lone_destination_that_was_away_is_found_by_the_next_trial_and_not_by_its_health()
    {
        var first = await EdgeInstance.StartAsync(_tokens, "one");
        var port = first.Address.Port;
        // Neither health nor the pause would find it within this test.
        await using var gateway = await GatewayHost.StartAsync(_tokens, [first], ("Gateway:HealthInterval", Never), ("Gateway:FailurePause", Never));
        using var client = gateway.Anonymous();
        await first.DisposeAsync();
        (await StatusAsync(client)).ShouldBe(HttpStatusCode.ServiceUnavailable);

        await using var again = await EdgeInstance.StartAsync(_tokens, "again", port);
        await Eventually.TrueAsync(async () => await StatusAsync(client) == HttpStatusCode.OK, "a trial is answered");
        // From then on everybody is served.
        for (var i = 0; i < 20; i++)
            (await StatusAsync(client)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_lone_destination_that_answers_gets_requests_although_it_is_not_ready()
    {
        await using var one = await EdgeInstance.StartAsync(_tokens, "one");
        await using var moody = await Moody.StartAsync(one.Address);
        moody.IsReady = false;
        await using var gateway = await GatewayHost.StartAsync(_tokens, [], ("Gateway:Destinations:edge", moody.Address.ToString()), ("Gateway:HealthFailures", "1"));
        using var client = gateway.Anonymous();
        await Eventually.TrueAsync(async () => await StatusAsync(client) == HttpStatusCode.ServiceUnavailable, "it looks unhealthy");
        await Eventually.TrueAsync(async () => await StatusAsync(client) == HttpStatusCode.OK, "it is tried all the same");
    }

    [Fact]
    public async Task An_absent_host_keeps_only_the_one_waiting_who_tries_it()
    {
        using var absent = new Absent();
        await using var gateway = await GatewayHost.StartAsync(
            _tokens, [], ("Gateway:Destinations:edge", absent.Address.ToString()), ("Gateway:HealthTimeout", "00:00:00.100"), ("Gateway:ConnectTimeout", "00:00:30"), ("Gateway:TrialInterval", "00:01:00"));
        using var impatient = gateway.Anonymous();
        impatient.Timeout = TimeSpan.FromSeconds(1);
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await StatusAsync(impatient) == HttpStatusCode.ServiceUnavailable;
            }
            catch (TaskCanceledException)
            {
                // Sent before its health was known, or as a trial.
                return false;
            }
        }, "it is known to be away, and has been tried");

        using var client = gateway.Anonymous();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => StatusAsync(client))).WaitAsync(TimeSpan.FromSeconds(20));
        answers.ShouldAllBe(status => status == HttpStatusCode.ServiceUnavailable);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/edge/told");
        return answer.StatusCode;
    }
}
