using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Security.Certificates;

namespace Mneme.UnitTests.Platform.Asking;

/// <summary>The form of messages on a broker, read here by hand, and what is refused before anybody's signature is looked at.</summary>
public sealed class SignedMessageTests : IDisposable
{
    private readonly X509Certificate2 _authority = CertificateAuthority.Create(DateTimeOffset.UtcNow, TimeSpan.FromDays(30));
    private readonly X509Certificate2 _shop;

    public SignedMessageTests() => _shop = CertificateAuthority.Issue(_authority, "shop", DateTimeOffset.UtcNow, TimeSpan.FromDays(1));

    [Fact]
    public void The_signature_is_of_the_kind_the_head_and_the_body()
    {
        var head = new AskReplyHead(Guid.NewGuid(), 200, _shop.RawData);
        var message = SignedMessage.Write(SignedMessage.Reply, head, "{}"u8, _shop);

        var length = BinaryPrimitives.ReadInt32BigEndian(message);
        using (var json = JsonDocument.Parse(message.AsMemory(4, length)))
        {
            json.RootElement.GetProperty("id").GetGuid().ShouldBe(head.Id);
            json.RootElement.GetProperty("status").GetInt32().ShouldBe(200);
            json.RootElement.GetProperty("certificate").GetBytesFromBase64().ShouldBe(_shop.RawData);
        }

        Encoding.UTF8.GetString(message[(4 + length)..^64]).ShouldBe("{}");
        using var key = _shop.GetECDsaPublicKey()!;
        byte[] signed = [.. "mneme-ask-reply\0"u8, .. message[..^64]];
        key.VerifyData(signed, message[^64..], HashAlgorithmName.SHA256).ShouldBeTrue();

        var read = SignedMessage.Read<AskReplyHead>(SignedMessage.Reply, message)!;
        (read.Head.Id, read.Head.Status).ShouldBe((head.Id, 200));
        read.Head.Certificate.ShouldBe(_shop.RawData);
        key.VerifyHash(read.Hash, read.Signature.Span).ShouldBeTrue();
        key.VerifyHash(SignedMessage.Read<AskReplyHead>(SignedMessage.Request, message)!.Hash, read.Signature.Span).ShouldBeFalse("one for a reply is none for a request");
    }

    [Fact]
    public void Every_change_of_any_byte_breaks_it()
    {
        var message = SignedMessage.Write(SignedMessage.Reply, new AskReplyHead(Guid.NewGuid(), 200, [1, 2, 3]), "body"u8, _shop);
        using var key = _shop.GetECDsaPublicKey()!;
        for (var i = 0; i < message.Length; i++)
        {
            var changed = message.ToArray();
            changed[i] ^= 0x20;
            (SignedMessage.Read<AskReplyHead>(SignedMessage.Reply, changed) is { } read && key.VerifyHash(read.Hash, read.Signature.Span)).ShouldBeFalse($"byte {i}");
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(67, 2)]
    [InlineData(100, 33)]
    [InlineData(100, -1)]
    [InlineData(100, 1)]
    [InlineData(100, int.MaxValue)]
    public void What_is_too_short_or_lies_about_its_length_is_no_message(int size, int length)
    {
        var message = new byte[size];
        if (size >= 4)
            BinaryPrimitives.WriteInt32BigEndian(message, length);
        SignedMessage.Read<AskReplyHead>(SignedMessage.Reply, message).ShouldBeNull();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"id\":1,\"status\":200,\"certificate\":\"\"}")]
    [InlineData("{\"id\":\"0193a0e4-0000-7000-8000-000000000000\",\"status\":200,\"certificate\":\"not base64\"}")]
    public void A_head_that_cannot_be_read_is_no_message(string head)
    {
        var message = new byte[4 + head.Length + 64];
        BinaryPrimitives.WriteInt32BigEndian(message, head.Length);
        Encoding.UTF8.GetBytes(head, message.AsSpan(4));
        SignedMessage.Read<AskReplyHead>(SignedMessage.Reply, message).ShouldBeNull();
    }

    [Theory]
    [InlineData(1_700_000_000_000, 10_000, true)]
    [InlineData(0, 10_000, false)]
    [InlineData(long.MaxValue, 10_000, false)]
    [InlineData(1_700_000_000_000, 0, false)]
    [InlineData(1_700_000_000_000, 3_600_001, false)]
    [InlineData(1_700_000_000_000, long.MaxValue, false)]
    public void A_request_lives_for_an_hour_at_most(long sentAt, long deadline, bool isSound) =>
        new AskRequestHead("prices", "test.price", Guid.NewGuid(), "r", sentAt, deadline, "there", []).IsSound.ShouldBe(isSound);

    [Fact]
    public void A_request_is_taken_once_until_its_deadline_and_none_is_forgotten_for_want_of_room()
    {
        var clock = new ManualClock();
        var seen = new SeenRequests(clock, capacity: 2);
        var (one, two, three, end) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), clock.GetUtcNow().AddSeconds(10));

        seen.TryAdd("shop", one, end).ShouldBe(true);
        seen.TryAdd("shop", one, end).ShouldBe(false);
        seen.TryAdd("ledger", one, end.AddSeconds(10)).ShouldBe(true, "ids are the asker's own");
        seen.TryAdd("shop", two, end).ShouldBeNull();
        seen.TryAdd("shop", one, end).ShouldBe(false, "it is known still");
        clock.Advance(TimeSpan.FromSeconds(11));
        seen.TryAdd("shop", two, end.AddSeconds(20)).ShouldBe(true);
        seen.TryAdd("ledger", one, end.AddSeconds(10)).ShouldBe(false);
        seen.TryAdd("shop", three, end.AddSeconds(20)).ShouldBeNull();
    }

    public void Dispose()
    {
        _shop.Dispose();
        _authority.Dispose();
    }
}
