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
    [InlineData("Discovery", "dns", "Gateway__Discovery: 'dns' is not one of Addresses, Consul.")]
    [InlineData("TlsPort", "8443", "Gateway__TlsPort: needs Gateway__Certificate and Gateway__CertificateKey.")]
    public void What_is_wrong_is_said_by_the_settings_name(string key, string value, string finding)
    {
        Check((key, value)).ShouldBe([finding]);
    }

    [Fact]
    public void What_consul_finds_needs_no_addresses()
    {
        Check(("Discovery", "consul"), ("Canary:study", "http://c:3"), ("CanaryWeight:study", "5"), ("CanaryWeight:ai", "5")).ShouldBeEmpty();
        Check(("Discovery", "consul"), ("Destinations:ai", "http://a:1"), ("CanaryWeight:ai", "5")).ShouldBe(["Gateway__CanaryWeight__ai: needs Gateway__Canary__ai, where the new version is."]);
        new GatewayOptions { Discovery = DestinationDiscovery.Consul, Destinations = { ["Study"] = "http://a:1" } }.IsFound("study").ShouldBeFalse();
        new GatewayOptions { Discovery = DestinationDiscovery.Consul }.IsFound("study").ShouldBeTrue();
        new GatewayOptions().IsFound("study").ShouldBeFalse();
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

    private static IReadOnlyList<string> Check(params (string Key, string Value)[] settings) => ConfigurationCheck.Run(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("Gateway:" + setting.Key, (string?)setting.Value))).Build(), [OptionsType.Of<GatewayOptions>()]);
}
