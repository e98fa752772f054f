using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Observability;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.Platform.Messaging;

/// <summary>Lets an administrator publish an event in the name of a service of this process: to repair, and to try a consumer out. It goes through the service's outbox like any other.</summary>
internal static class PublishEndpoint
{
    internal sealed record PublishEventRequest([property: Required, StringLength(200)] string Type, JsonElement Data);

    internal sealed record PublishedEventResponse(Guid EventId, string Type, string Topic, Guid PartitionKey);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/messaging/publish", PublishEvent)
        .WithName(nameof(PublishEvent)).WithSummary("Publish an integration event, such as flashcard.reviewed.v1, in the name of the service that publishes its type")
        .Produces<PublishedEventResponse>().AdminOnly().OwnTransaction();

    private static async Task<Outcome<PublishedEventResponse>> PublishEvent(
        PublishEventRequest request, Actor actor, HttpContext http, ServiceRegistry registry, IServiceProvider services, TimeProvider time, CancellationToken ct)
    {
        var publishers = registry.Services.Where(service => service.Database is not null);
        if (publishers.FirstOrDefault(service => service.Publishes.Any(type => type.Name == request.Type)) is not { } publisher)
        {
            var known = publishers.SelectMany(service => service.Publishes).Select(type => type.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            return Problem.Invalid("type", $"No service of this process publishes it. Published here are: {string.Join(", ", known)}.");
        }

        var type = publisher.Publishes.First(type => type.Name == request.Type);
        if (Read(request.Data, type, out var reason) is not { } integrationEvent)
            return Problem.Invalid("data", reason);
        var now = time.GetUtcNow();
        var envelope = EventEnvelope.Of(integrationEvent, publisher.Name, now, Activity.Current?.Id);
        var db = (ServiceDb)services.GetRequiredService(publisher.Database!);
        db.Outbox.Add(new OutboxMessage(envelope));
        db.Record(
            now, "event.published", actor.UserId, envelope.Id, address: http.Connection.RemoteIpAddress?.ToString(),
            detail: new { type = type.Name, subject = envelope.PartitionKey });
        await db.SaveChangesAsync(ct);
        services.GetRequiredKeyedService<ServiceSignals>(publisher.Name).Committed();
        return new PublishedEventResponse(envelope.Id, type.Name, type.Topic, envelope.PartitionKey);
    }

    private static IIntegrationEvent? Read(JsonElement data, EventType type, out string reason)
    {
        reason = $"It must be an object with the properties of {type.Name}.";
        if (data.ValueKind != JsonValueKind.Object)
            return null;
        try
        {
            var integrationEvent = (IIntegrationEvent)data.Deserialize(type.Clr, Json.Options)!;
            reason = "Its subject (the person or thing that it is about) must not be empty.";
            return integrationEvent.PartitionKey == Guid.Empty ? null : integrationEvent;
        }
        catch (JsonException e)
        {
            // Names of our types are nobody's business; the path says where it is wrong.
            reason = $"It is not the data of {type.Name}{(e.Path is { Length: > 1 } path ? $": see {path}" : ": a property is missing")}.";
            return null;
        }
    }
}
