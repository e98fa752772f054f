using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;

namespace Mneme.Study.Features;

internal sealed record CreateTopicRequest(
    [Required, StringLength(StudyLimits.TopicName)] string Name,
    [StringLength(StudyLimits.Description)] string? Description = null,
    [MaxLength(StudyLimits.Tags), ItemLength(1, StudyLimits.Tag), NotBlank] string[]? Tags = null);

internal static class CreateTopic
{
    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/topics", Handle).Owned()
        .WithName("CreateTopic").WithSummary("Create a topic").Produces<TopicResponse>(StatusCodes.Status201Created);

    private static Outcome<TopicResponse> Handle(CreateTopicRequest request, Actor actor, StudyDb db, TimeProvider time)
    {
        var now = time.Now();
        var topic = new Topic(Guid.CreateVersion7(now), actor.UserId, request.Name, request.Description, TagList.Of(request.Tags), now);
        db.Topics.Add(topic);
        return Outcome.Created(
            new TopicResponse(topic.Id, topic.Name, topic.Description, topic.Tags, null, null, 0, 0, now, now, topic.Version), $"/api/v1/topics/{topic.Id}");
    }
}
