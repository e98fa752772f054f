using System.Net;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform;

public sealed class StartTests(SharedApplication shared)
{
    [Fact]
    public async Task An_unknown_address_answers_404()
    {
        using var client = shared.App.Anonymous();
        (await client.GetAsync("there-is-no-such-thing")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
