using Microsoft.Extensions.Configuration;
using Mneme.Gateway;
using Mneme.Platform.Configuration;

namespace Mneme.UnitTests.Gateway;

public sealed class GatewayOptionsTests
{
    [Theory]
    [InlineData("Destinations:study", "10.0.0.5:8080", "Gateway__Destinations__study: '10.0.0.5:8080' is not an address such as http://10.0.0.5:8080.")]
    [InlineData("Destinations:study", "http://10.0.0.5:8080/api", "Gateway__Destinations__study: 'http://10.0.0.5:8080/api' is not an address such as http://10.0.0.5:8080.")]
    [InlineData("Canary:study", "http://10.0.0.9", "Gateway__Canary__study: needs Gateway__Destinations__study, where those go who do not get the new version.")]
    [InlineData("CanaryWeight:study", "101", "Gateway__CanaryWeight__study: '101' is not a share from 0 to 100 percent.")]
    [InlineData("CanaryWeight:study", "5", "Gateway__CanaryWeight__study: needs Gateway__Canary__study, where the new version is.")]
    [InlineData("TlsPort", "8443", "Gateway__TlsPort: needs Gateway__Certificate and Gateway__CertificateKey.")]
    public void What_is_wrong_is_said_by_the_settings_name(string key, string value, string finding)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Gateway:" + key, value)]).Build();
        ConfigurationCheck.Run(configuration, [OptionsType.Of<GatewayOptions>()]).ShouldBe([finding]);
    }

    [Fact]
    public void Services_are_found_by_name_whatever_its_case()
    {
        var options = new GatewayOptions { Destinations = { ["Study"] = "http://a:1, http://b:2" }, Canary = { ["STUDY"] = "http://c:3" }, CanaryWeight = { ["study"] = "2.5" } };
        options.DestinationsOf("study").ShouldBe([new Uri("http://a:1"), new Uri("http://b:2")]);
        options.CanaryOf("study").ShouldBe([new Uri("http://c:3")]);
        options.CanaryWeightOf("study").ShouldBe(2.5);
        options.UnknownServices(["study"]).ShouldBeEmpty();
        options.UnknownServices(["capture"]).ShouldBe(["Study"]);
    }
}
