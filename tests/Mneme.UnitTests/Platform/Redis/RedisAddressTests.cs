using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Redis;

namespace Mneme.UnitTests.Platform.Redis;

public sealed class RedisAddressTests
{
    [Theory]
    [InlineData("redis://localhost", "localhost", 6379, false, "default", "", 0)]
    [InlineData("redis://10.0.0.7:6380/", "10.0.0.7", 6380, false, "default", "", 0)]
    [InlineData("redis://[::1]:6380/2", "::1", 6380, false, "default", "", 2)]
    [InlineData("rediss://cache.example.org/15", "cache.example.org", 6379, true, "default", "", 15)]
    [InlineData("redis://:secret@localhost", "localhost", 6379, false, "default", "secret", 0)]
    [InlineData("redis://app:p%40ss%3Aw%2F@localhost", "localhost", 6379, false, "app", "p@ss:w/", 0)]
    public void An_address_says_where_and_as_whom(string url, string host, int port, bool isTls, string user, string password, int database) =>
        RedisAddress.Parse(new Uri(url)).ShouldBe(new RedisAddress(host, port, isTls, user, password, database));

    [Theory]
    [InlineData("http://localhost:6379")]
    [InlineData("redis:localhost")]
    [InlineData("redis://localhost/first")]
    [InlineData("redis://localhost/-1")]
    public void Anything_else_is_found_before_the_program_starts(string url)
    {
        var findings = Findings(new RedisOptions { Url = new Uri(url) });

        findings.ShouldHaveSingleItem().MemberNames.ShouldBe([nameof(RedisOptions.Url)]);
    }

    [Fact]
    public void A_missing_file_of_certificates_is_found_too() =>
        Findings(new RedisOptions { CaCertificate = "/nowhere/ca.pem" }).ShouldHaveSingleItem().MemberNames.ShouldBe([nameof(RedisOptions.CaCertificate)]);

    [Fact]
    public void Nothing_needs_to_be_set() => Findings(new RedisOptions()).ShouldBeEmpty();

    [Fact]
    public void Messages_show_neither_user_nor_password() => RedisAddress.Parse(new Uri("redis://app:secret@localhost")).ToString().ShouldBe("localhost:6379");

    private static List<ValidationResult> Findings(RedisOptions options)
    {
        var findings = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), findings, validateAllProperties: true);
        return findings;
    }
}
