namespace Mneme.Notify.Domain;

/// <summary>What a person does not want to be told. Without a row, version 0, they want everything.</summary>
internal sealed class Preferences
{
    public Guid UserId { get; init; }

    /// <summary>Kinds, by their names in the API.</summary>
    public string[] Muted { get; init; } = [];

    public long Version { get; init; }

    /// <summary>A welcome tells somebody that an account was made with their address; it is part of the registration and cannot be turned off.</summary>
    public static bool CanMute(NotificationKind kind) => kind != NotificationKind.Welcome;

    public bool Wants(NotificationKind kind) => !CanMute(kind) || !Muted.Contains(kind.ApiName());
}
