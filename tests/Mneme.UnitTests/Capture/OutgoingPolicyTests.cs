using System.Net;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.UnitTests.Capture;

public sealed class OutgoingPolicyTests
{
    private static readonly IPAddress Public = IPAddress.Parse("93.184.216.34");

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://10.1.2.3/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/")]
    [InlineData("http://[fd00::1]/")]
    [InlineData("http://localhost/")]
    [InlineData("http://LOCALHOST./")]
    [InlineData("http://a.b.localhost/")]
    [InlineData("http://example.org:22/")]
    [InlineData("https://example.org:8443/")]
    [InlineData("http://93.184.216.34:5432/")]
    public void What_can_be_told_from_the_address_alone_is_refused_at_once(string address) =>
        new OutgoingPolicy().Refusal(new Uri(address)).ShouldNotBeNullOrWhiteSpace();

    [Theory]
    [InlineData("http://example.org/")]
    [InlineData("https://example.org/")]
    [InlineData("https://example.org:80/")]
    [InlineData("http://93.184.216.34/")]
    [InlineData("http://[2606:4700:4700::1111]/")]
    public void The_public_web_is_called(string address) => new OutgoingPolicy().Refusal(new Uri(address)).ShouldBeNull();

    [Fact]
    public void Connections_are_made_to_public_addresses_on_allowed_ports()
    {
        var policy = new OutgoingPolicy("80, 443,8080");
        policy.MayConnect("example.org", 8080, Public).ShouldBeTrue();
        policy.MayConnect("example.org", 8081, Public).ShouldBeFalse();
        policy.MayConnect("example.org", 80, IPAddress.Loopback).ShouldBeFalse();
        policy.MayConnect("example.org", 80, IPAddress.Parse("::ffff:93.184.216.34")).ShouldBeFalse();
    }

    [Fact]
    public void A_private_host_opens_itself_alone()
    {
        var policy = new OutgoingPolicy(privateHosts: "wiki.lan, 10.0.0.5:8080, [fd00::1]:9000, fd00::2, ::1");
        policy.MayConnect("Wiki.LAN.", 443, IPAddress.Parse("10.0.0.9")).ShouldBeTrue();
        policy.MayConnect("wiki.lan", 8080, IPAddress.Parse("10.0.0.9")).ShouldBeFalse();
        policy.MayConnect("other.lan", 443, IPAddress.Parse("10.0.0.9")).ShouldBeFalse();
        policy.Refusal(new Uri("http://10.0.0.5:8080/")).ShouldBeNull();
        policy.Refusal(new Uri("http://10.0.0.5/")).ShouldNotBeNull();
        policy.Refusal(new Uri("http://10.0.0.6:8080/")).ShouldNotBeNull();
        policy.Refusal(new Uri("http://[fd00::1]:9000/")).ShouldBeNull();
        policy.Refusal(new Uri("http://[fd00::1]/")).ShouldNotBeNull();
        policy.Refusal(new Uri("http://[fd00::2]/")).ShouldBeNull();
        policy.Refusal(new Uri("http://[::1]/")).ShouldBeNull();
    }
}
