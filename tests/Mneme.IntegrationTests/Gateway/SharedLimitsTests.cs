using System.Net;
using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Gateway;

/// <summary>Two gateways and one Redis: a caller's limit is one, whichever of them the requests meet.</summary>
public sealed class SharedLimitsTests
{
    [Fact]
    public async Task Two_gateways_count_a_persons_requests_together()
    {
        await using var redis = await RedisInstance.StartNewAsync();
        var tokens = new TestTokens();
        await using var edge = await EdgeInstance.StartAsync(tokens);
        (string, string)[] settings = [("Redis:Url", redis.Address.ToString()), ("Http:RequestsPerMinutePerUser", "2")];
        await using var first = await GatewayHost.StartAsync(tokens, [edge], settings);
        await using var second = await GatewayHost.StartAsync(tokens, [edge], settings);
        // Nobody's request waits for the first connection.
        await SharingAsync(first, redis);
        await SharingAsync(second, redis);

        var person = Guid.NewGuid();
        using var here = first.ClientOf(person);
        using var there = second.ClientOf(person);
        (await StatusAsync(here)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(there)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(here)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await StatusAsync(there)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    private static async Task SharingAsync(GatewayHost gateway, RedisInstance redis)
    {
        await redis.CommandAsync("FLUSHALL");
        await Eventually.TrueAsync(
            async () =>
            {
                using var client = gateway.ClientOf(Guid.NewGuid());
                await StatusAsync(client);
                return (await redis.CommandAsync("KEYS", "*.gateway-limit.*")).Length > 0;
            },
            "the gateway counts in Redis");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/api/v1/edge/told");
        return answer.StatusCode;
    }
}
