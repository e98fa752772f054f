using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Identity.Domain;
using Mneme.Platform.Configuration;

namespace Mneme.Identity;

/// <summary>Who may register.</summary>
public enum RegistrationMode
{
    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Whoever has a code that an administrator made.</summary>
    Invitation,

    /// <summary>Nobody; accounts are made with <c>mneme user create</c>.</summary>
    Closed,
}

/// <summary>Settings of accounts. ASP.NET Core has an IdentityOptions already, hence the name.</summary>
public sealed class AccountOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Identity";

    [Description("Who may register: Open, Invitation (with a code that an administrator made) or Closed (mneme user create only).")]
    public RegistrationMode Registration { get; set; } = RegistrationMode.Open;

    [Description("Time zone of people who register without naming theirs, such as Europe/Berlin.")]
    [Required]
    public string DefaultTimeZone { get; set; } = "UTC";

    [Description("Language of people who register without naming theirs, and whose browser does not say it: a BCP 47 tag such as de or en-GB.")]
    [Required]
    public string DefaultLocale { get; set; } = "en";

    [Description("Iterations of PBKDF2-HMAC-SHA512 for new passwords. Older ones are hashed again when their owners sign in.")]
    [Range(220_000, 10_000_000)]
    public int PasswordIterations { get; set; } = 220_000;

    [Description("Wrong passwords for one account from one network address, or from one known device, within FailureWindow.")]
    [Range(3, 1000)]
    public int FailuresPerAccountAndAddress { get; set; } = 10;

    [Description("Wrong passwords from one network address within FailureWindow. People on known devices are not affected.")]
    [Range(3, 100_000)]
    public int FailuresPerAddress { get; set; } = 100;

    [Description("Time after which failed sign-ins are forgotten.")]
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan FailureWindow { get; set; } = TimeSpan.FromMinutes(15);

    [Description("How often one network address may learn within an hour that an e-mail address is registered already.")]
    [Range(1, 100_000)]
    public int TakenAddressesPerHour { get; set; } = 30;

    [Description("Accounts that one network address may make within an hour.")]
    [Range(1, 1_000_000)]
    public int RegistrationsPerHour { get; set; } = 1000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TimeZones.Parse(DefaultTimeZone) is null)
            yield return new ValidationResult($"'{DefaultTimeZone}' is not an IANA time zone known here, such as Europe/Berlin.", [nameof(DefaultTimeZone)]);
        if (Locales.Parse(DefaultLocale) is null)
            yield return new ValidationResult($"'{DefaultLocale}' is not a language tag such as de or en-GB.", [nameof(DefaultLocale)]);
    }
}
