using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Notify.Mail;
using Mneme.Platform.Configuration;

namespace Mneme.Notify;

internal sealed class NotifyOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Notify";

    internal const string DefaultFromAddress = "mneme@localhost";

    [Description("The address that mails are from. To be set when a mail server is.")]
    [Required, StringLength(254)]
    public string FromAddress { get; set; } = DefaultFromAddress;

    [Description("The name that mails are from.")]
    [Required, StringLength(100)]
    public string FromName { get; set; } = "Mneme";

    [Description("How long the history of notifications is kept, and mails that were written as files.")]
    [Range(typeof(TimeSpan), "7.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);

    [Description("Mails go through Amazon SES, with AWS's region and credentials, in place of a mail server. The address that they are from must be verified there.")]
    public bool Ses { get; set; }

    public SmtpOptions Smtp { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MailAddress.Parse(FromAddress) is null)
            yield return new ValidationResult($"'{FromAddress}' is not a mail address.", [nameof(FromAddress)]);
        else if ((Ses || Smtp.Host is { Length: > 0 }) && FromAddress == DefaultFromAddress)
            yield return new ValidationResult("set the address that mails are from: the mail server would hardly take the default one.", [nameof(FromAddress)]);
        if (Ses && Smtp.Host is { Length: > 0 })
            yield return new ValidationResult("mails go through SES or through the mail server Notify__Smtp__Host, not through both: unset one.", [nameof(Ses)]);
    }
}

internal sealed class SmtpOptions : IValidatableObject
{
    [Description("Mail server. Without one, mails are written as .eml files to the folder mail in the data folder, where administrators can read them.")]
    [StringLength(255)]
    public string? Host { get; set; }

    [Description("Port of the mail server: 587 for StartTls, 465 for Tls, often 25 for None.")]
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    [Description("StartTls: begin in the clear and refuse to go on without TLS. Tls: TLS from the first byte. None: never TLS; only for a server on this machine or network.")]
    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;

    [Description("User at the mail server; none for a server that asks for none.")]
    [StringLength(255)]
    public string? User { get; set; }

    [Description("Password at the mail server.")]
    [Secret]
    [StringLength(1000)]
    public string? Password { get; set; }

    [Description("Time limit for handing over one mail.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:04:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(User) != string.IsNullOrEmpty(Password))
            yield return new ValidationResult("user and password are set together or not at all.", [nameof(User)]);
        if (Security == SmtpSecurity.None && !string.IsNullOrEmpty(Password) && !IsLocal)
            yield return new ValidationResult("the password would travel readable: use StartTls or Tls, unless the mail server is on this machine.", [nameof(Security)]);
    }

    private bool IsLocal => Host is "localhost" || System.Net.IPAddress.TryParse(Host, out var address) && System.Net.IPAddress.IsLoopback(address);
}

internal enum SmtpSecurity
{
    StartTls,
    Tls,
    None,
}
