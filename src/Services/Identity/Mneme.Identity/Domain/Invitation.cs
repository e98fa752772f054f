namespace Mneme.Identity.Domain;

/// <summary>Lets one person register, by a code that the administrator passes on.</summary>
internal sealed class Invitation
{
    public const int DefaultDays = 14;
    public const int MaxDays = 365;

    private Invitation()
    {
    }

    public Guid Id { get; private init; }

    public byte[] CodeHash { get; private init; } = [];

    /// <summary>Whom it is for; null for whoever has the code.</summary>
    public string? NormalizedEmail { get; private init; }

    /// <summary>The role that the account will have.</summary>
    public string Role { get; private init; } = "";

    public Guid CreatedBy { get; private init; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    public DateTimeOffset? UsedAt { get; private init; }

    public static Invitation Create(SecretToken code, EmailAddress? email, string role, Guid createdBy, TimeSpan life, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        CodeHash = code.Hash,
        NormalizedEmail = email?.Key,
        Role = role,
        CreatedBy = createdBy,
        CreatedAt = now,
        ExpiresAt = now + life,
    };
}
