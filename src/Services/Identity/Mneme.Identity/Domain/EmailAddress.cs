using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Mneme.Identity.Domain;

/// <summary>An e-mail address: as its owner writes it, and the form in which two spellings of it are the same.</summary>
/// <param name="Value">Trimmed, otherwise as given.</param>
/// <param name="Key">For comparison: NFKC, lower case, the domain in its ASCII form.</param>
internal sealed partial record EmailAddress(string Value, string Key)
{
    /// <summary>The longest address that SMTP can carry (RFC 5321, with erratum 1690).</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <returns>Null if no mail could be sent there.</returns>
    public static EmailAddress? Parse(string text)
    {
        var value = text.Trim();
        if (value.Length is 0 or > MaxLength)
            return null;
        var at = value.LastIndexOf('@');
        if (at is < 1 or > MaxLocalLength || !LocalPart().IsMatch(value.AsSpan(0, at)))
            return null;
        try
        {
            var domain = Idn.GetAscii(value[(at + 1)..].Normalize(NormalizationForm.FormKC)).ToLowerInvariant();
            var local = Comparable(value[..at]);
            // One character may stand for many, and for some that no address has.
            return local.Length <= MaxLocalLength && LocalPart().IsMatch(local) && Domain().IsMatch(domain) ? new EmailAddress(value, $"{local}@{domain}") : null;
        }
        catch (ArgumentException)
        {
            // Not a domain, or not Unicode.
            return null;
        }
    }

    /// <returns>The beginning of an address in the form of <see cref="Key"/>; null if it is none.</returns>
    public static string? ParseBeginning(string text)
    {
        if (text.Length > MaxLength || text.Contains('\0', StringComparison.Ordinal))
            return null;
        try
        {
            return Comparable(text.Trim());
        }
        catch (ArgumentException)
        {
            // Not Unicode.
            return null;
        }
    }

    private static string Comparable(string text) => text.Normalize(NormalizationForm.FormKC).ToLowerInvariant();

    // RFC 5322's dot-atom, with the letters of all scripts (RFC 6531); quoted local parts are legal and used by nobody.
    [GeneratedRegex(@"^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex LocalPart();

    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]\z", RegexOptions.NonBacktracking)]
    private static partial Regex Domain();
}
