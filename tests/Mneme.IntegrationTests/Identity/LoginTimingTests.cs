using System.Diagnostics;
using System.Net.Http.Json;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Identity;

/// <summary>A statement about time, and so for a quiet machine: the everyday tests assert the same work instead.</summary>
[Trait("tier", "soak")]
public sealed class LoginTimingTests(SharedApplication shared)
{
    [Fact]
    public async Task The_time_of_an_answer_does_not_tell_whether_there_is_an_account()
    {
        const int Samples = 500;
        await using var app = await TestApplication.StartAsync(shared.Postgres, settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Identity:FailuresPerAccountAndAddress"] = "1000",
            ["Identity:FailuresPerAddress"] = "100000",
        });
        var account = await Account.RegisterAsync(app);
        using var client = Account.Stranger(app);
        var (known, unknown) = (new List<double>(), new List<double>());
        for (var i = 0; i < Samples; i++)
        {
            known.Add(await TimeAsync(client, account.Email));
            unknown.Add(await TimeAsync(client, Account.NewEmail()));
        }

        // The area under the ROC curve: the chance that an answer about an account took longer than one about none.
        var area = known.Average(k => unknown.Average(u => k > u ? 1.0 : k < u ? 0.0 : 0.5));
        area.ShouldBeInRange(0.45, 0.55);
    }

    private static async Task<double> TimeAsync(HttpClient client, string email)
    {
        var start = Stopwatch.GetTimestamp();
        using var response = await client.PostAsJsonAsync("auth/login", new { email, password = "not the right one" });
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
