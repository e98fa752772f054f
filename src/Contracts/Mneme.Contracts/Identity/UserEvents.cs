using Mneme.Platform.Messaging;

namespace Mneme.Contracts.Identity;

/// <summary>Somebody registered.</summary>
/// <param name="UserId">The new user.</param>
/// <param name="Email">Address as given, trimmed.</param>
/// <param name="Name">Name to address the person by.</param>
/// <param name="Role">USER, TEACHER or ADMIN.</param>
/// <param name="TimeZone">IANA time zone, such as <c>Europe/Berlin</c>.</param>
/// <param name="Locale">BCP 47 language tag, such as <c>de</c>.</param>
/// <param name="IsPublic">Whether the person shows a public profile.</param>
/// <param name="Version">Version of the user, from 1; every later event about the user has a higher one.</param>
[Event("user.registered", 1, Topic = "user-events")]
public sealed record UserRegistered(Guid UserId, string Email, string Name, string Role, string TimeZone, string Locale, bool IsPublic, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>Name, address, language, time zone, visibility or role changed; all current values. See <see cref="UserRegistered"/>.</summary>
[Event("user.updated", 1, Topic = "user-events")]
public sealed record UserUpdated(Guid UserId, string Email, string Name, string Role, string TimeZone, string Locale, bool IsPublic, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}

/// <summary>Somebody left; every service erases what it holds of them.</summary>
[Event("user.deleted", 1, Topic = "user-events")]
public sealed record UserDeleted(Guid UserId, long Version) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => UserId;
}
