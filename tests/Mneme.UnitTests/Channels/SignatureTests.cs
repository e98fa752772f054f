using System.Text;
using Microsoft.AspNetCore.Http;
using Mneme.Channels.Infrastructure;
using Mneme.Channels.Infrastructure.Formats;

namespace Mneme.UnitTests.Channels;

public sealed class SignatureTests
{
    // Signed by the standardwebhooks package of npm, 1.1.1.
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Signature = "v1,5tWixim1B+Rj0SJLeY7WMnWGRsZNzofY2RMrheUqlyc=";
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"text": "Grüße"}""");
    private static readonly DateTimeOffset SentAt = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    [Fact]
    public void A_message_that_an_independent_library_signed_is_genuine() => Verify().ShouldBe(Id);

    [Fact]
    public void One_of_several_signatures_is_enough() => Verify(signature: $"v1,{Convert.ToBase64String(new byte[32])} v1a,abc {Signature}").ShouldBe(Id);

    [Fact]
    public void Whatever_is_changed_breaks_it()
    {
        Verify(id: "msg_other").ShouldBeNull();
        Verify(body: [.. Body, (byte)' ']).ShouldBeNull();
        Verify(timestamp: "1614265331").ShouldBeNull();
        Verify(secret: new byte[32]).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1,")]
    [InlineData("v1,====")]
    [InlineData("v1,AAAA")]
    [InlineData("5tWixim1B+Rj0SJLeY7WMnWGRsZNzofY2RMrheUqlyc=")]
    [InlineData("v2,5tWixim1B+Rj0SJLeY7WMnWGRsZNzofY2RMrheUqlyc=")]
    [InlineData("v1,5tWixim1B+Rj0SJLeY7WMnWGRsZNzofY2RMrheUqlycAAAAA")]
    public void What_is_no_signature_holds_nothing(string signature) => Verify(signature: signature).ShouldBeNull();

    [Theory]
    [InlineData(300, true)]
    [InlineData(301, false)]
    [InlineData(-300, true)]
    [InlineData(-301, false)]
    public void A_message_is_good_for_five_minutes(int later, bool isGood) => (Verify(now: SentAt.AddSeconds(later)) is not null).ShouldBe(isGood);

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("-1614265330")]
    [InlineData("1614265330.5")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999")]
    public void A_time_that_is_none_is_refused(string timestamp) => StandardWebhook.IsRecent(timestamp, SentAt).ShouldBeFalse();

    // RFC 8032, 7.1: tests 1, 2, 3.
    [Theory]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Ed25519_holds_for_the_vectors_of_the_RFC_and_for_nothing_else(string publicKey, string message, string signature)
    {
        var (key, text, signed) = (Convert.FromHexString(publicKey), Convert.FromHexString(message), Convert.FromHexString(signature));
        Ed25519.Verify(key, text, signed).ShouldBeTrue();
        Ed25519.Verify(key, [.. text, 0], signed).ShouldBeFalse();
        for (var bit = 0; bit < signed.Length * 8; bit += 37)
        {
            var forged = (byte[])signed.Clone();
            forged[bit / 8] ^= (byte)(1 << bit % 8);
            Ed25519.Verify(key, text, forged).ShouldBeFalse($"bit {bit}");
        }
    }

    [Fact]
    public void Ed25519_refuses_keys_and_signatures_that_are_none()
    {
        Ed25519.Verify([], [], new byte[64]).ShouldBeFalse();
        Ed25519.Verify(new byte[32], [], []).ShouldBeFalse();
        Ed25519.Verify([.. Enumerable.Repeat((byte)0xFF, 32)], [1], new byte[64]).ShouldBeFalse();
    }

    private static string? Verify(string id = Id, string timestamp = "1614265330", string signature = Signature, byte[]? body = null, byte[]? secret = null, DateTimeOffset? now = null) =>
        StandardWebhook.Verify(
            new Delivery(body ?? Body, new HeaderDictionary { ["webhook-id"] = id, ["webhook-timestamp"] = timestamp, ["webhook-signature"] = signature }), secret ?? Secret, now ?? SentAt);
}
