using Mneme.Platform.Domain;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.Channels.Domain;

/// <summary>What a channel of its type needs to know, and nothing that another type would need.</summary>
/// <param name="Url">Of an RSS channel: the feed's address.</param>
/// <param name="PublicKey">Of a DISCORD channel: the application's public key, 64 hexadecimal digits in lower case.</param>
internal sealed record ChannelSettings(string? Url, string? PublicKey)
{
    public const int PublicKeyLength = 64;

    /// <param name="type">The type whose rules hold.</param>
    /// <param name="url">As the person gave it.</param>
    /// <param name="publicKey">As the person gave it.</param>
    /// <param name="policy">Says which addresses are called at all.</param>
    public static Outcome<ChannelSettings> For(ChannelType type, string? url, string? publicKey, OutgoingPolicy policy)
    {
        if (url is not null && !type.NeedsUrl)
            return Problem.Invalid("url", $"A channel of type {type} has no url; leave it out.");
        if (publicKey is not null && !type.NeedsPublicKey)
            return Problem.Invalid("publicKey", $"A channel of type {type} has no publicKey; leave it out.");
        if (type.NeedsUrl && FeedProblem(url, policy) is { } feedProblem)
            return feedProblem;
        if (type.NeedsPublicKey && (publicKey is not { Length: PublicKeyLength } || !publicKey.All(char.IsAsciiHexDigit)))
            return Problem.Invalid("publicKey", $"Give the application's public key, {PublicKeyLength} hexadecimal digits; Discord's developer portal shows it.");
        return new ChannelSettings(url?.Trim(), publicKey?.ToLowerInvariant());
    }

    private static Problem? FeedProblem(string? url, OutgoingPolicy policy)
    {
        if (url is null)
            return Problem.Invalid("url", "Give the feed's address, beginning with https:// or http://.");
        if (!OutgoingAddress.TryParse(url.Trim(), out var address, out var problem))
            return Problem.Invalid("url", problem);
        // What a name leads to is seen when it is fetched; what can be told now is told now.
        return policy.Refusal(address) is { } refusal ? Problem.Unprocessable("address-refused", refusal) : null;
    }
}
