using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Progress;

public sealed class ShareTests(SharedApplication shared)
{
    private readonly Guid _user = Guid.CreateVersion7();

    private TestApplication App => shared.App;

    [Fact]
    public async Task Anybody_may_see_what_a_public_profile_shares()
    {
        var now = App.Clock.GetUtcNow();
        await App.DeliverAsync(LearnerEvents.Registered(_user, locale: "de"));
        await App.DeliverAsync(LearnerEvents.Completed(_user, now));
        await App.DeliverAsync(LearnerEvents.Completed(_user, now));

        using var anonymous = App.Anonymous();
        var share = await anonymous.GetFromJsonAsync<JsonElement>($"share/{_user}");

        share.GetProperty("text").GetString().ShouldBe("Ich habe mit 100 Punkten Level 2 auf Mneme erreicht und lerne seit 1 Tag in Folge.");
        var stats = share.GetProperty("stats");
        (stats.GetProperty("points").GetInt64(), stats.GetProperty("level").GetInt32(), stats.GetProperty("streak").GetInt32(), stats.GetProperty("longestStreak").GetInt32())
            .ShouldBe((100, 2, 1, 1));
        var platforms = share.GetProperty("platforms");
        platforms.GetProperty("twitter").GetString()!.ShouldStartWith("https://twitter.com/intent/tweet?text=Ich%20habe%20mit%20100%20Punkten");
        platforms.GetProperty("linkedin").GetString()!.ShouldStartWith("https://www.linkedin.com/sharing/share-offsite/?url=http%3A%2F%2Flocalhost");
    }

    [Fact]
    public async Task A_private_profile_answers_like_an_unknown_one_except_to_its_owner()
    {
        await App.DeliverAsync(LearnerEvents.Registered(_user, isPublic: false));
        using var anonymous = App.Anonymous();
        using var stranger = App.ClientOf(Guid.NewGuid());
        using var owner = App.ClientOf(_user);

        var unknown = await ProblemAsync(anonymous, Guid.NewGuid());
        (await ProblemAsync(anonymous, _user)).ShouldBe(unknown);
        (await ProblemAsync(stranger, _user)).ShouldBe(unknown);
        (await owner.GetAsync($"share/{_user}")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await App.DeliverAsync(LearnerEvents.Updated(_user, version: 2, isPublic: true));
        (await stranger.GetAsync($"share/{_user}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<(HttpStatusCode Status, string? Code, string? Detail)> ProblemAsync(HttpClient client, Guid userId)
    {
        using var answer = await client.GetAsync($"share/{userId}");
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (answer.StatusCode, problem.GetProperty("code").GetString(), problem.GetProperty("detail").GetString());
    }
}
