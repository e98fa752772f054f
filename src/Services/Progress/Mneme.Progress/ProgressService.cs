using Mneme.Contracts.Identity;
using Mneme.Contracts.Progress;
using Mneme.Contracts.Study;
using Mneme.Platform.Jobs;
using Mneme.Platform.Services;
using Mneme.Progress.Features;
using Mneme.Progress.Infrastructure;

namespace Mneme.Progress;

/// <summary>Points, levels, streaks and ranks, from what people do in the other services.</summary>
public sealed class ProgressService : IService
{
    public string Name => ProgressDb.Name;

    public void Describe(ServiceBuilder service) => service
        .Database<ProgressDb>()
        .On<UserRegistered>(OnUserRegistered.Handle)
        .On<UserUpdated>(OnUserUpdated.Handle)
        .On<FlashcardReviewed>(OnFlashcardReviewed.Handle)
        .On<TopicCompleted>(OnTopicCompleted.Handle)
        .Publishes<StreakWarning>()
        .Recurring("progress.warn-streaks", TimeSpan.FromMinutes(5), WarnStreaks.Run)
        .Recurring("progress.verify-ranks", TimeSpan.FromDays(1), VerifyRanks.Run, new JobPolicy { IsHeavy = true })
        .PersonalData<ProgressPersonalData>()
        .Endpoints(GetProgress.Map, GetLeaderboard.Map, ShareProgress.Map);
}
