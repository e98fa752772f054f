using System.Globalization;
using Mneme.Channels.Domain;
using Mneme.Platform.Persistence;

namespace Mneme.Channels.Infrastructure;

/// <summary>Channels in Redis, for as long as that keeps them (<c>Redis__Durability</c>): written whole by one script each (<see cref="RedisChannelScripts"/>), and not undone when the operation's transaction is.</summary>
internal sealed class RedisChannelRepository(IRedisStore store) : IChannelRepository
{
    public async Task<Channel?> FindAsync(Guid id, Guid userId, CancellationToken ct) => Restored(await store.QueryAsync(RedisChannelScripts.Find, [Text(id), Text(userId)], ct));

    public async Task<Channel?> FindByKeyAsync(ChannelKey key, CancellationToken ct) => Restored(await store.QueryAsync(RedisChannelScripts.FindByKey, [key.Value], ct));

    public async Task<bool> TrySaveAsync(Channel channel, CancellationToken ct)
    {
        var state = channel.State;
        var events = channel.UnsavedEvents().Cast<ChannelEvent>().ToList();
        var before = channel.Version - events.Count;
        var reply = state.IsDeleted
            ? await store.ChangeAsync(RedisChannelScripts.Delete, [Text(channel.Id), Text(state.UserId), Text(before), state.Key.Value], ct)
            : await store.ChangeAsync(
                RedisChannelScripts.Save,
                [
                    Text(channel.Id), Text(state.UserId), Text(before), state.Key.Value,
                    Text(channel.Version), state.Type.Name, state.Name.Value, Text(state.IsPaused), state.RegisteredAt.ToString("O"),
                    ChannelSnapshot.IsDue(before, channel.Version) ? ChannelJson.Write(state) : "",
                    .. events.Select(Written),
                ],
                ct);
        if (reply is not ["saved"])
            return false;
        channel.MarkSaved();
        return true;
    }

    public async Task<IReadOnlyList<ChannelSummary>> ListAsync(ChannelFilter filter, CancellationToken ct)
    {
        var fields = await store.QueryAsync(
            RedisChannelScripts.List,
            [Text(filter.UserId), filter.BeforeId is { } before ? "(" + Text(before) : "+", Text(filter.Limit), filter.Type?.Name ?? "", filter.IsPaused is { } isPaused ? Text(isPaused) : ""],
            ct);
        return [.. fields.Chunk(7).Select(c => new ChannelSummary(
            Guid.Parse(c[0]), ChannelType.Of(c[1]), ChannelName.Stored(c[2]), new ChannelKey(c[3]), bool.Parse(c[4]), Instant(c[5]), Number(c[6])))];
    }

    public async Task<IReadOnlyDictionary<ChannelType, int>> CountAsync(Guid userId, CancellationToken ct) =>
        (await store.QueryAsync(RedisChannelScripts.Types, [Text(userId)], ct)).CountBy(ChannelType.Of).ToDictionary();

    public async Task<IReadOnlyList<RecordedEvent>?> HistoryAsync(Guid id, Guid userId, long afterVersion, int limit, CancellationToken ct)
    {
        var stored = await store.QueryAsync(RedisChannelScripts.History, [Text(id), Text(userId), Text(afterVersion), Text(afterVersion + limit - 1)], ct);
        return stored.Count == 0 ? null : [.. stored.Skip(1).Select((e, i) => new RecordedEvent(afterVersion + i + 1, Read(e)))];
    }

    public Task EraseAsync(Guid userId, CancellationToken ct) => store.ChangeAsync(RedisChannelScripts.Erase, [Text(userId)], ct);

    /// <param name="stored">Its id, the version of its snapshot (0 if it has none), the snapshot, and what happened since; nothing if there is no such channel.</param>
    private static Channel? Restored(IReadOnlyList<string> stored)
    {
        if (stored.Count == 0)
            return null;
        var snapshot = stored[2].Length > 0 ? new ChannelSnapshot(Number(stored[1]), ChannelJson.ReadState(stored[2])) : null;
        return Channel.Restore(Guid.Parse(stored[0]), snapshot, stored.Skip(3).Select(Read));
    }

    private static string Written(ChannelEvent e) => $"{ChannelJson.NameOf(e)} {ChannelJson.Write(e)}";

    private static ChannelEvent Read(string written) => written.IndexOf(' ', StringComparison.Ordinal) is var end and > 0
        ? ChannelJson.ReadEvent(written[..end], written[(end + 1)..])
        : throw new InvalidDataException("Redis has something else where a channel's events should be.");

    // Ids sort by time as texts, too.
    private static string Text(Guid id) => id.ToString();

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? bool.TrueString : bool.FalseString;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset Instant(string text) => DateTimeOffset.ParseExact(text, "O", CultureInfo.InvariantCulture);
}
