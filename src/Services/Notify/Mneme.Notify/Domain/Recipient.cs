namespace Mneme.Notify.Domain;

/// <summary>Whom to write to, as Identity says. Written by <c>RecipientWriter</c>.</summary>
internal sealed class Recipient
{
    public Guid UserId { get; init; }

    /// <summary>Null, like the next three, while the registration has not arrived.</summary>
    public string? Email { get; init; }

    public string? Name { get; init; }

    public string? Locale { get; init; }

    public string? TimeZone { get; init; }

    /// <summary>Version of the user; 0 while the registration has not arrived.</summary>
    public long Version { get; init; }

    /// <summary>256 random bits that sign the person's links for unsubscribing.</summary>
    public byte[] UnsubscribeKey { get; init; } = [];
}
