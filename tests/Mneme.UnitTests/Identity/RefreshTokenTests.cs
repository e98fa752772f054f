using Mneme.Identity.Domain;

namespace Mneme.UnitTests.Identity;

public sealed class RefreshTokenTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Key = SecretToken.HashOf("key");
    private readonly Session _session = Session.Start(Guid.NewGuid(), "192.0.2.1", userAgent: null, Now);

    [Fact]
    public void An_unused_token_is_good_for_two_weeks()
    {
        var token = _session.Issue(SecretToken.New(), Now);
        token.Judge(Key, successor: null, Now + TimeSpan.FromDays(14) - TimeSpan.FromSeconds(1)).ShouldBe(RefreshVerdict.Good);
        token.Judge(Key, successor: null, Now + TimeSpan.FromDays(14)).ShouldBe(RefreshVerdict.Expired);
    }

    [Fact]
    public void No_token_outlives_its_session()
    {
        var token = _session.Issue(SecretToken.New(), Now + TimeSpan.FromDays(85));
        token.ExpiresAt.ShouldBe(Now + TimeSpan.FromDays(90));
    }

    [Theory]
    [InlineData(true, 0, "Retried")]
    [InlineData(true, 59, "Retried")]
    [InlineData(true, 60, "Reused")]
    [InlineData(false, 0, "Reused")]
    public void A_used_token_is_taken_again_only_from_the_same_request_and_soon(bool hasKey, int seconds, string expected) =>
        Used(out var successor).Judge(hasKey ? Key : null, successor, Now.AddSeconds(seconds)).ToString().ShouldBe(expected);

    [Fact]
    public void Another_key_is_another_request()
    {
        Used(out var successor).Judge(SecretToken.HashOf("other"), successor, Now).ShouldBe(RefreshVerdict.Reused);
    }

    [Fact]
    public void Once_the_successor_was_used_its_answer_was_not_lost()
    {
        var token = Used(out var successor);
        successor.Use(_session.Issue(SecretToken.New(), Now), retryKey: null, Now);
        token.Judge(Key, successor, Now).ShouldBe(RefreshVerdict.Reused);
    }

    [Fact]
    public void A_request_without_a_key_cannot_be_repeated()
    {
        var token = _session.Issue(SecretToken.New(), Now);
        var successor = _session.Issue(SecretToken.New(), Now);
        token.Use(successor, retryKey: null, Now);
        token.Judge(retryKey: null, successor, Now).ShouldBe(RefreshVerdict.Reused);
        token.Judge(Key, successor, Now).ShouldBe(RefreshVerdict.Reused);
    }

    [Fact]
    public void Secrets_have_256_bits_and_never_repeat()
    {
        var secrets = Enumerable.Range(0, 1000).Select(_ => SecretToken.New().Text).ToList();
        secrets.ShouldAllBe(s => System.Buffers.Text.Base64Url.DecodeFromChars(s).Length == 32);
        secrets.Distinct().Count().ShouldBe(1000);
    }

    private RefreshToken Used(out RefreshToken successor)
    {
        var token = _session.Issue(SecretToken.New(), Now);
        successor = _session.Issue(SecretToken.New(), Now);
        token.Use(successor, Key, Now);
        return token;
    }
}
