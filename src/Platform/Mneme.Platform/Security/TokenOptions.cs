using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Security;

public sealed class TokenOptions : IOptionsSection
{
    public static string Section => "Tokens";

    [Description("Issuer (iss) of access tokens; every process of an installation must agree on it.")]
    [Required]
    public string Issuer { get; set; } = "https://mneme.local";

    [Description("Audience (aud) of access tokens.")]
    [Required]
    public string Audience { get; set; } = "mneme";

    [Description("Life of an access token; logout and changes of role or password end it earlier.")]
    [Range(typeof(TimeSpan), "00:01:00", "00:10:00")]
    public TimeSpan AccessLifetime { get; set; } = TimeSpan.FromMinutes(10);
}
