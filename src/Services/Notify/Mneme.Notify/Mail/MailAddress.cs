using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Mneme.Notify.Mail;

/// <summary>An address that mail can be sent to, safe to be written into a header and an SMTP command.</summary>
/// <param name="Local">The part before the @, a dot-atom; outside ASCII it needs a server that speaks SMTPUTF8.</param>
/// <param name="Domain">In its ASCII form.</param>
internal sealed partial record MailAddress(string Local, string Domain)
{
    private const int MaxLength = 254;
    private static readonly IdnMapping Idn = new();

    public bool IsAscii => Ascii.IsValid(Local);

    public override string ToString() => $"{Local}@{Domain}";

    /// <returns>Null if no mail can be sent there.</returns>
    public static MailAddress? Parse(string text)
    {
        var at = text.LastIndexOf('@');
        if (at < 1 || text.Length > MaxLength || !LocalPart().IsMatch(text.AsSpan(0, at)))
            return null;
        try
        {
            var domain = Idn.GetAscii(text[(at + 1)..]);
            return DomainName().IsMatch(domain) ? new MailAddress(text[..at], domain) : null;
        }
        catch (ArgumentException)
        {
            // Not a domain.
            return null;
        }
    }

    [GeneratedRegex(@"^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex LocalPart();

    [GeneratedRegex(@"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex DomainName();
}
