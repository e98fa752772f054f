using Microsoft.AspNetCore.Identity;
using Mneme.Contracts.Identity;

namespace Mneme.Identity.Domain;

/// <summary>
/// A person with an account. ASP.NET Core Identity's stores ask for its base class, so the version is kept here and not by the platform's aggregate
/// root: it rises with everything that other services hear of, and not when a password is hashed anew.
/// </summary>
internal sealed class User : IdentityUser<Guid>
{
    private User()
    {
    }

    /// <summary>From 1; the ETag, the concurrency token and the version in events.</summary>
    public long Version { get; private set; } = 1;

    public string Name { get; private set; } = "";

    /// <summary>One of <see cref="Platform.Security.Roles"/>.</summary>
    public string Role { get; private set; } = "";

    /// <summary>IANA name.</summary>
    public string TimeZone { get; private set; } = "";

    /// <summary>BCP 47 tag.</summary>
    public string Locale { get; private set; } = "";

    public bool IsPublic { get; private set; }

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? DisabledAt { get; private set; }

    public static User Register(EmailAddress email, string name, string role, string timeZone, string locale, string passwordHash, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Email = email.Value,
        NormalizedEmail = email.Key,
        Name = name,
        Role = role,
        TimeZone = timeZone,
        Locale = locale,
        PasswordHash = passwordHash,
        CreatedAt = now,
    };

    /// <summary>Changes what is given.</summary>
    /// <returns>Whether anything is different now.</returns>
    public bool Describe(string? name, string? timeZone, string? locale, bool? isPublic)
    {
        var before = (Name, TimeZone, Locale, IsPublic);
        (Name, TimeZone, Locale, IsPublic) = (name ?? Name, timeZone ?? TimeZone, locale ?? Locale, isPublic ?? IsPublic);
        return Changed(before != (Name, TimeZone, Locale, IsPublic));
    }

    /// <returns>Whether the role is different now.</returns>
    public bool Assign(string role)
    {
        var isNew = Role != role;
        Role = role;
        return Changed(isNew);
    }

    /// <summary>Closes the account for its owner, or opens it again.</summary>
    /// <returns>Whether anything is different now.</returns>
    public bool Disable(bool isDisabled, DateTimeOffset now)
    {
        var isNew = isDisabled != DisabledAt is not null;
        DisabledAt = isDisabled ? DisabledAt ?? now : null;
        return Changed(isNew);
    }

    public UserRegistered Registered() => new(Id, Email!, Name, Role, TimeZone, Locale, IsPublic, Version);

    public UserUpdated Updated() => new(Id, Email!, Name, Role, TimeZone, Locale, IsPublic, Version);

    public UserDeleted Deleted() => new(Id, Version + 1);

    private bool Changed(bool isDifferent)
    {
        if (isDifferent)
            Version++;
        return isDifferent;
    }
}
