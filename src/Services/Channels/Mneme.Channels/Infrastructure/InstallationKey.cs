using Microsoft.EntityFrameworkCore;
using Mneme.Channels.Domain;

namespace Mneme.Channels.Infrastructure;

/// <summary>The key that all channels' secrets are derived from. The database's first migration made it; it never changes, so it is read once.</summary>
internal sealed class InstallationKey
{
    private byte[]? _key;

    public async ValueTask<byte[]> ReadAsync(ChannelsDb db, CancellationToken ct) =>
        _key ??= (await db.Database.SqlQuery<byte[]>($"select key from installation_key").ToListAsync(ct)).Single() is { Length: ChannelSecret.KeyLength } key
            ? key
            : throw new InvalidOperationException($"The installation's key does not have {ChannelSecret.KeyLength} bytes.");
}
