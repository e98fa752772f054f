using System.Collections.Concurrent;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Streams;

/// <summary>One instance of a consumer, as a member of its group on each of its streams.</summary>
/// <param name="reader">A connection for nothing but waiting.</param>
/// <param name="server">A connection for everything else.</param>
/// <param name="topology">Names.</param>
/// <param name="group">The consumer's name.</param>
/// <param name="member">This instance's name, which no other has.</param>
internal sealed class ConsumerGroup(RedisServer reader, RedisServer server, StreamTopology topology, string group, string member)
{
    private readonly IReadOnlyList<string> _streams = topology.StreamsOf(group);
    private readonly ConcurrentDictionary<(string Stream, string Id), bool> _held = new();

    /// <summary>Takes what nobody was given yet; waits for it if there is none.</summary>
    /// <param name="count">How many of each stream at most.</param>
    /// <param name="wait">How long.</param>
    /// <param name="ct">Gives up waiting.</param>
    public async Task<IReadOnlyList<StreamEntry>> ReadAsync(int count, TimeSpan wait, CancellationToken ct)
    {
        var command = RespCommand.Of(
            "XREADGROUP", ["GROUP", group, member, "COUNT", count, "BLOCK", (long)wait.TotalMilliseconds, "STREAMS", .. _streams.Select(stream => (RespArgument)stream), .. _streams.Select(_ => (RespArgument)">")]);
        var reply = await reader.ExecuteBlockingAsync(command, wait, ct);
        if (reply.IsNull)
            return [];
        var entries = new List<StreamEntry>();
        for (var i = 0; i + 1 < reply.Items.Count; i += 2)
        {
            var stream = reply.Items[i].AsString();
            foreach (var entry in reply.Items[i + 1].Items)
                entries.Add(Held(StreamEntry.Of(stream, entry.Items[0].AsString(), entry.Items[1].Items, previousDeliveries: 0)));
        }

        return entries;
    }

    /// <summary>Takes over what was delivered and not acknowledged.</summary>
    /// <param name="idle">Without a sign of life for so long.</param>
    /// <param name="isOwn">Only what was delivered to this instance.</param>
    /// <param name="count">How many of each stream at most.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<IReadOnlyList<StreamEntry>> ClaimAsync(TimeSpan idle, bool isOwn, int count, CancellationToken ct)
    {
        var claimed = await Task.WhenAll(_streams.Select(stream => RunAsync(StreamScripts.Claim, stream, [group, member, (long)idle.TotalMilliseconds, count, isOwn ? member : ""], ct)));
        return [.. _streams.Zip(claimed).SelectMany(pair => pair.Second.Items.Select(
            entry => Held(StreamEntry.Of(pair.First, entry.Items[0].AsString(), entry.Items[2].Items, entry.Items[1].AsInteger()))))];
    }

    public async Task AcknowledgeAsync(IEnumerable<StreamEntry> entries, CancellationToken ct)
    {
        var byStream = entries.GroupBy(entry => entry.Stream).ToList();
        await Task.WhenAll(byStream.Select(entries => server.ExecuteAsync(RespCommand.Of("XACK", [entries.Key, group, .. entries.Select(entry => (RespArgument)entry.Id)]), ct)));
        foreach (var entry in byStream.SelectMany(entries => entries))
            _held.TryRemove((entry.Stream, entry.Id), out _);
    }

    /// <summary>Tells the group that everything that was taken here is still being worked on.</summary>
    public Task HoldAsync(CancellationToken ct) =>
        Task.WhenAll(_held.Keys.GroupBy(entry => entry.Stream).Select(held => RunAsync(StreamScripts.Hold, held.Key, [group, member, .. held.Select(entry => (RespArgument)entry.Id)], ct)));

    /// <summary>Stops waiting and leaves what is not acknowledged to the other instances.</summary>
    public async Task LeaveAsync(CancellationToken ct)
    {
        // Else a wait that nobody is interested in any more might still be given events.
        await server.ExecuteAsync(RespCommand.Of("CLIENT", "UNBLOCK", reader.Id), ct);
        await Task.WhenAll(_streams.Select(stream => RunAsync(StreamScripts.Release, stream, [group, member], ct)));
    }

    /// <summary>Removes what all groups are done with, and members of this one that are gone.</summary>
    public async Task CleanUpAsync(CancellationToken ct)
    {
        await Task.WhenAll(_streams.Select(stream => RunAsync(StreamScripts.Trim, stream, [.. topology.GroupsOf(stream).Select(name => (RespArgument)name)], ct)));
        await Task.WhenAll(_streams.Select(stream => RunAsync(StreamScripts.Tidy, stream, [group], ct)));
    }

    public Task SetAsideAsync(StreamEntry entry, string reason, CancellationToken ct) => server.ExecuteAsync(
        RespCommand.Of("XADD", topology.Unreadable, "*", "consumer", group, "reason", reason, "stream", entry.Stream, "id", entry.Id, "body", entry.Body), ct);

    private StreamEntry Held(StreamEntry entry)
    {
        _held[(entry.Stream, entry.Id)] = true;
        return entry;
    }

    private Task<RespValue> RunAsync(string script, string stream, ReadOnlySpan<RespArgument> arguments, CancellationToken ct) =>
        server.ExecuteAsync(RespCommand.Of("EVAL", [script, 1, stream, .. arguments]), ct);
}
