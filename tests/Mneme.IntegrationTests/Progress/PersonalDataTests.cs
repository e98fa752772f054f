using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Security;

namespace Mneme.IntegrationTests.Progress;

public sealed class PersonalDataTests(SharedApplication shared)
{
    [Fact]
    public async Task The_export_holds_profile_points_streak_and_every_day()
    {
        var (user, now) = (Guid.CreateVersion7(), shared.App.Clock.GetUtcNow());
        await shared.App.DeliverAsync(LearnerEvents.Registered(user, name: "Ada", isPublic: false));
        await shared.App.DeliverAsync(LearnerEvents.Reviewed(user, now.AddDays(-1)));
        await shared.App.DeliverAsync(LearnerEvents.Completed(user, now));

        await using var scope = shared.App.Services.CreateAsyncScope();
        var personalData = scope.ServiceProvider.GetRequiredKeyedService<IPersonalData>("progress");
        var export = (await personalData.ExportAsync(user, TestContext.Current.CancellationToken))!;

        export["profile"]!["name"]!.GetValue<string>().ShouldBe("Ada");
        export["profile"]!["publicProfile"]!.GetValue<bool>().ShouldBeFalse();
        export["points"]!.GetValue<long>().ShouldBe(60);
        export["streak"]!["days"]!.GetValue<int>().ShouldBe(2);
        export["activity"]!.AsArray().Select(d => d!["points"]!.GetValue<int>()).ShouldBe([10, 50]);
        (await personalData.ExportAsync(Guid.NewGuid(), TestContext.Current.CancellationToken)).ShouldBeNull();
    }
}
