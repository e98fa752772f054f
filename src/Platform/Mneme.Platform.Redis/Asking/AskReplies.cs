using System.Collections.Concurrent;
using System.Text;
using Mneme.Platform.Asking.Brokers;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Asking;

/// <summary>
/// The list of this process' replies, read over a connection of its own, which is opened when somebody asks. When it is lost, whoever waits is told: the reply may come after the next connection, but
/// nobody knows that Redis will be back in time.
/// </summary>
internal sealed class AskReplies(RedisConnector connector, AskKeys keys) : IAsyncDisposable
{
    /// <summary>A reply begins with the id of its request, a GUID as text.</summary>
    private const int IdLength = 36;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<ReadOnlyMemory<byte>>> _waiting = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private volatile Task _reading = Task.CompletedTask;

    public string Address { get; } = keys.NewReplyList();

    /// <summary>Returns when replies are read.</summary>
    /// <exception cref="RedisException">They cannot be.</exception>
    public async Task ReadAsync(CancellationToken ct)
    {
        if (!_reading.IsCompleted)
            return;
        await _turn.WaitAsync(ct);
        try
        {
            if (_reading.IsCompleted)
                _reading = ReadAllAsync(await connector.ConnectAsync("ask-replies", ct));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends something and waits for the reply to it.</summary>
    /// <exception cref="AskLostException">The connection was lost meanwhile.</exception>
    public async Task<ReadOnlyMemory<byte>> WaitAsync(string id, Func<Task> send, CancellationToken ct)
    {
        var reply = new TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = reply;
        try
        {
            await send();
            // What was lost before this was told nobody.
            if (_reading.IsCompleted)
                Lose("closed");
            return await reply.Task.WaitAsync(ct);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>A reply as it is kept in a list.</summary>
    public static byte[] Entry(AskReplyMessage reply) => [.. Encoding.ASCII.GetBytes(reply.Id), .. reply.Content.Span];

    private async Task ReadAllAsync(RedisServer server)
    {
        await using var connection = server;
        try
        {
            while (true)
            {
                var read = await server.ExecuteBlockingAsync(RespCommand.Of("BLPOP", Address, (long)Wait.TotalSeconds), Wait, _ended.Token);
                // A reply that nobody waits for any more is dropped.
                if (!read.IsNull && read.Items[1].Bytes is { Length: >= IdLength } entry && _waiting.TryGetValue(Encoding.ASCII.GetString(entry, 0, IdLength), out var waiting))
                    waiting.TrySetResult(entry.AsMemory(IdLength));
            }
        }
        catch (Exception e) when (e is RedisException or OperationCanceledException)
        {
            Lose(e.Message);
        }
    }

    private void Lose(string reason)
    {
        foreach (var waiting in _waiting.Values)
            waiting.TrySetException(new AskLostException($"the connection to Redis was lost: {reason}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _reading;
        _ended.Dispose();
        _turn.Dispose();
    }
}
