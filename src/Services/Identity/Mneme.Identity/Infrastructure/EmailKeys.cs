using Microsoft.AspNetCore.Identity;
using Mneme.Identity.Domain;

namespace Mneme.Identity.Infrastructure;

/// <summary>Makes ASP.NET Core Identity compare e-mail addresses as <see cref="EmailAddress"/> does.</summary>
internal sealed class EmailKeys : ILookupNormalizer
{
    public string? NormalizeEmail(string? email) => email is null ? null : EmailAddress.Parse(email)?.Key;

    public string? NormalizeName(string? name) => name;
}
