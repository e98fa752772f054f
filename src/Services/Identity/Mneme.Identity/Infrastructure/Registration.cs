using Microsoft.AspNetCore.Identity;
using Mneme.Identity.Domain;
using Mneme.Platform.Domain;
using Mneme.Platform.Observability;

namespace Mneme.Identity.Infrastructure;

/// <summary>What somebody registers with, once it is known to be well-formed.</summary>
internal sealed record Registration(EmailAddress Email, string Name, string TimeZone, string Locale)
{
    /// <returns>The registration, or a problem that names every field that is wrong.</returns>
    public static Outcome<Registration> Parse(string emailText, string password, string nameText, string timeZoneText, string localeText)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var email = Check("email", emailText, EmailAddress.Parse, EmailMessage, errors);
        var name = Check("name", nameText, PersonName.Parse, NameMessage, errors);
        var timeZone = Check("timeZone", timeZoneText, TimeZones.Parse, TimeZoneMessage, errors);
        var locale = Check("locale", localeText, Locales.Parse, LocaleMessage, errors);
        if (PasswordPolicy.Refuse(password, email, name) is { } reason)
            errors["password"] = [reason];
        return errors.Count > 0 ? Problem.Invalid(errors) : new Registration(email!, name!, timeZone!, locale!);
    }

    public const string EmailMessage = "must be an e-mail address such as ada@example.org.";
    public const string NameMessage = "must have 1 to 100 characters, without line breaks and other control characters.";
    public const string TimeZoneMessage = "must be an IANA time zone such as Europe/Berlin.";
    public const string LocaleMessage = "must be a language tag such as de, en or en-GB.";

    public User ToUser(string role, string passwordHash, DateTimeOffset now) => User.Register(Email, Name, role, TimeZone, Locale, passwordHash, now);

    /// <summary>Stores a new account, its event and its audit record in the current transaction.</summary>
    public static async Task AddAsync(IdentityDb db, UserManager<User> users, User user, Guid? actorId, string? address, DateTimeOffset now)
    {
        db.Publish(user.Registered(), now);
        db.Record(now, "user.register", actorId, user.Id, address: address, detail: new { user.Role });
        var result = await users.CreateAsync(user);
        if (!result.Succeeded)
            throw new InvalidOperationException($"The account could not be stored: {string.Join(", ", result.Errors.Select(e => e.Code))}.");
    }

    /// <summary>Parses a field that may be left out, and notes what is wrong with it.</summary>
    public static T? Check<T>(string field, string? text, Func<string, T?> parse, string message, Dictionary<string, string[]> errors)
        where T : class
    {
        var parsed = text is null ? null : parse(text);
        if (text is not null && parsed is null)
            errors[field] = [message];
        return parsed;
    }
}
