using Microsoft.Extensions.Configuration;
using Mneme.Platform.Configuration;
using Mneme.Platform.Http;

namespace Mneme.UnitTests.Platform.Http;

public sealed class HttpOptionsTests
{
    [Theory]
    [InlineData("CorsOrigins", "https://learn.example.org, http://localhost:5173", true)]
    [InlineData("CorsOrigins", "https://learn.example.org/", false)]
    [InlineData("CorsOrigins", "*", false)]
    [InlineData("CorsOrigins", "https://Learn.example.org", false)]
    [InlineData("CorsOrigins", "https://learn.example.org:443", false)]
    [InlineData("TrustedProxies", "10.0.0.0/8, ::1, 192.0.2.1", true)]
    [InlineData("TrustedProxies", "proxy.local", false)]
    [InlineData("Bind", "0.0.0.0", true)]
    [InlineData("Bind", "localhost", false)]
    [InlineData("ManagementBind", "everywhere", false)]
    [InlineData("DrainDelay", "00:01:00", false)]
    public void Settings_are_checked_and_the_wrong_one_is_named(string name, string value, bool isValid)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"Http:{name}", value)]).Build();
        var findings = ConfigurationCheck.Run(configuration, [OptionsType.Of<HttpOptions>()]);
        if (isValid)
            findings.ShouldBeEmpty();
        else
            findings.ShouldHaveSingleItem().ShouldStartWith($"Http__{name}: ");
    }
}
