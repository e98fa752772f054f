using System.Security.Cryptography;
using Mneme.Notify.Domain;

namespace Mneme.UnitTests.Notify;

public sealed class UnsubscribeTokenTests
{
    private readonly Guid _user = Guid.Parse("0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    private readonly byte[] _key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void A_token_says_who_and_what_and_is_signed()
    {
        var token = UnsubscribeToken.Create(_user, NotificationKind.Reminder, _key);

        UnsubscribeToken.Read(token).ShouldBe((_user, NotificationKind.Reminder));
        UnsubscribeToken.IsGenuine(token, _key).ShouldBeTrue();
        byte[] content = [.. Convert.FromHexString("0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"), 1];
        token.ShouldBe(Convert.ToBase64String([.. content, .. HMACSHA256.HashData(_key, content)]).Replace('+', '-').Replace('/', '_').TrimEnd('='));
    }

    [Fact]
    public void Another_key_person_or_kind_makes_it_void()
    {
        var token = UnsubscribeToken.Create(_user, NotificationKind.Reminder, _key);
        UnsubscribeToken.IsGenuine(token, UnsubscribeToken.NewKey()).ShouldBeFalse();
        for (var i = 0; i < token.Length; i++)
        {
            var changed = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            UnsubscribeToken.IsGenuine(changed, _key).ShouldBeFalse(changed);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("....")]
    [InlineData("ÄÖÜ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_token_is_none(string text)
    {
        UnsubscribeToken.Read(text).ShouldBeNull();
        UnsubscribeToken.IsGenuine(text, _key).ShouldBeFalse();
    }
}
