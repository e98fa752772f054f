using Mneme.Platform.Messaging;

namespace Mneme.Platform.Redis.Asking;

/// <summary>The keys that asks have, and what happens to them in one step on the server.</summary>
internal sealed class AskKeys(MessagingOptions messaging)
{
    /// <summary>
    /// Puts a request at the end of a service's list, if somebody answers for it. The list lives as long as the request that is waited for longest. KEYS: the list, who answers. ARGV: the request, how long it is
    /// waited for in ms. Returns 0 if nobody answers.
    /// </summary>
    public const string Send = """
        local now = redis.call('TIME')
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now[1] * 1000 + math.floor(now[2] / 1000))
        if redis.call('ZCARD', KEYS[2]) == 0 then return 0 end
        redis.call('RPUSH', KEYS[1], ARGV[1])
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        return 1
        """;

    /// <summary>Puts a reply at the end of a process' list, which lives as long as it is waited for. KEYS: the list. ARGV: the reply, how long it is waited for in ms.</summary>
    public const string Reply = """
        redis.call('RPUSH', KEYS[1], ARGV[1])
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        """;

    /// <summary>Says that an instance answers, for some time. KEYS: who answers. ARGV: the instance, for how long in ms.</summary>
    public const string Here = """
        local now = redis.call('TIME')
        redis.call('ZADD', KEYS[1], now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[2], ARGV[1])
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        """;

    public string Requests(string service) => $"{messaging.Prefix}.ask.{service}";

    public string Answering(string service) => $"{messaging.Prefix}.ask-answering.{service}";

    /// <summary>A name that nobody guesses.</summary>
    public string NewReplyList() => ReplyPrefix + Guid.NewGuid().ToString("n");

    /// <summary>Whether an address leads to replies, and not to anything else that is kept here.</summary>
    public bool IsReplyList(string address) => address.Length == ReplyPrefix.Length + 32 && address.StartsWith(ReplyPrefix, StringComparison.Ordinal);

    private string ReplyPrefix => $"{messaging.Prefix}.ask-replies.";
}
