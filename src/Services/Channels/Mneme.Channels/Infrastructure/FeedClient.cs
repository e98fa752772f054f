using Mneme.Channels.Infrastructure.Formats;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.Channels.Infrastructure;

/// <summary>Fetches feeds from the public web alone, and no more of them than has changed.</summary>
internal sealed class FeedClient(ChannelsOptions options) : IDisposable
{
    private readonly SafeHttpClient _http = new(options.OutgoingPolicy());

    /// <returns>Null if the feed did not change.</returns>
    /// <exception cref="OutgoingException">It cannot be fetched.</exception>
    public Task<OutgoingResponse?> GetIfChangedAsync(Uri address, OutgoingValidators validators, CancellationToken ct) =>
        _http.GetIfChangedAsync(address, Feed.MediaTypes, validators, ct);

    public void Dispose() => _http.Dispose();
}
