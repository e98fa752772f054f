using Mneme.Contracts.Ai;
using Mneme.Contracts.Capture;
using Mneme.Contracts.Identity;
using Mneme.Contracts.Study;
using Mneme.Platform.Services;
using Mneme.Study.Features;
using Mneme.Study.Infrastructure;

namespace Mneme.Study;

/// <summary>Topics, flashcards and their reviews.</summary>
public sealed class StudyService : IService
{
    internal const string ServiceName = "study";

    public string Name => ServiceName;

    public void Describe(ServiceBuilder service) => service
        .Database<StudyDb>(poolSize: 24)
        .Options<StudyOptions>()
        .Publishes<TopicCompleted>().Publishes<TopicDeleted>()
        .Publishes<FlashcardReviewed>().Publishes<FlashcardDeleted>().Publishes<FlashcardDue>()
        .Publishes<ContentProcessed>().Publishes<ContentFailed>()
        .On<UserRegistered>(OnUserChanged.HandleRegistered).On<UserUpdated>(OnUserChanged.HandleUpdated)
        .On<ContentCaptured>(OnContentCaptured.Handle).On<ContentDeleted>(OnContentDeleted.Handle)
        .Asks<GenerateFlashcards>()
        .Job<GenerationJob>(GenerateTopic.Kind, GenerateTopic.Run)
        .Recurring(RemindOfDueCards.Kind, RemindOfDueCards.Interval, RemindOfDueCards.Run)
        .PersonalData<StudyPersonalData>()
        .Endpoints(
            CreateTopic.Map, ListTopics.Map, GetTopic.Map, UpdateTopic.Map, DeleteTopic.Map, CompleteTopic.Map,
            CreateFlashcard.Map, ListFlashcards.Map, GetFlashcard.Map, UpdateFlashcard.Map, DeleteFlashcard.Map,
            ListDueFlashcards.Map, ReviewFlashcard.Map);
}
