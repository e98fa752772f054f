using System.Text;
using Microsoft.AspNetCore.Identity;

namespace Mneme.Identity.Domain;

/// <summary>
/// Which passwords are taken (NIST SP 800-63B-4, ASVS 5.0 chapter 6.2): long enough, not among those that everybody tries, and not the person's own name or
/// address. No rules of composition, and every character counts as it was typed.
/// </summary>
internal sealed class PasswordPolicy : IPasswordValidator<User>
{
    /// <summary>In characters, that is code points of Unicode.</summary>
    public const int MinLength = 8;

    /// <summary>In characters; longer input is refused before it is looked at.</summary>
    public const int MaxLength = 128;

    /// <returns>What is wrong with it, or null.</returns>
    public static string? Refuse(string password, EmailAddress? email, string? name)
    {
        if (password.Length > MaxLength * 2)
            return $"must have at most {MaxLength} characters.";
        var length = password.EnumerateRunes().Count();
        if (length is < MinLength or > MaxLength)
            return $"must have {MinLength} to {MaxLength} characters; several unrelated words make a good one.";
        if (CommonPasswords.Contain(password))
            return "is one of the passwords that are tried first. Choose one that nobody else uses, such as several unrelated words.";
        return IsPersonal(password, email, name) ? "is too close to your name or e-mail address. Choose one that says nothing about you." : null;
    }

    /// <summary>For ways to set a password that ASP.NET Core Identity itself offers.</summary>
    public Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user, string? password) => Task.FromResult(
        Refuse(password ?? "", EmailAddress.Parse(user.Email ?? ""), user.Name) is { } reason
            ? IdentityResult.Failed(new IdentityError { Code = "PasswordRefused", Description = reason })
            : IdentityResult.Success);

    private static bool IsPersonal(string password, EmailAddress? email, string? name)
    {
        var bare = CommonPasswords.WithoutDecoration(Letters(password));
        string?[] personal = [email?.Key, email?.Key.Split('@')[0], name];
        return personal.OfType<string>().Select(Letters).Any(p => p.Length >= 4 && (bare == p || Letters(password) == p));
    }

    private static string Letters(string text)
    {
        var letters = new StringBuilder(text.Length);
        foreach (var rune in text.ToLowerInvariant().EnumerateRunes().Where(Rune.IsLetterOrDigit))
            letters.Append(rune.ToString());
        return letters.ToString();
    }
}
