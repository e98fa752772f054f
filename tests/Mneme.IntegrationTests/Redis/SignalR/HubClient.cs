using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Redis.SignalR;

/// <summary>A client of hubs: JSON over a WebSocket, as the hub protocol has it (https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md).</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private const byte EndOfMessage = 0x1e;

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _calls = new();
    private Task _reading = Task.CompletedTask;
    private int _lastCall;

    private HubClient()
    {
    }

    public string Id { get; private set; } = "";

    /// <summary>What the server has called, as <c>method[arguments]</c>, but for what waits for an answer.</summary>
    public ConcurrentQueue<string> Received { get; } = new();

    /// <summary>Answers the server: the method and its arguments, to the members of a completion. Set by tests.</summary>
    public Func<string, JsonElement, JsonObject> Answer { get; set; } = (_, _) => new JsonObject { ["error"] = "It does not answer." };

    public static async Task<HubClient> ConnectAsync(Uri hub, string authorization)
    {
        var client = new HubClient();
        client._socket.Options.SetRequestHeader("Authorization", authorization);
        await client._socket.ConnectAsync(new UriBuilder(hub) { Scheme = "ws" }.Uri, CancellationToken.None);
        await client.SendAsync(new JsonObject { ["protocol"] = "json", ["version"] = 1 });
        client._reading = client.ReadAsync();
        client.Id = (await client.CallAsync("Id")).GetString()!;
        return client;
    }

    /// <summary>Calls a method of the hub and returns its result.</summary>
    public async Task<JsonElement> CallAsync(string method, params JsonNode[] arguments)
    {
        var id = $"c{Interlocked.Increment(ref _lastCall)}";
        var call = _calls[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(new JsonObject { ["type"] = 1, ["invocationId"] = id, ["target"] = method, ["arguments"] = new JsonArray(arguments) });
        var completion = await call.Task;
        completion.TryGetProperty("error", out var error).ShouldBeFalse(error.ToString());
        return completion.TryGetProperty("result", out var result) ? result : default;
    }

    /// <summary>Returns when the server has called this; everything that it sent before has arrived then, too.</summary>
    public Task ReceivesAsync(string call) => Eventually.TrueAsync(() => Task.FromResult(Received.Contains(call)), $"{call} arrives");

    private async Task SendAsync(JsonObject message)
    {
        await _turn.WaitAsync();
        try
        {
            await _socket.SendAsync((ReadOnlyMemory<byte>)(byte[])[.. Encoding.UTF8.GetBytes(message.ToJsonString()), EndOfMessage], WebSocketMessageType.Text, endOfMessage: true, _closing.Token);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        var pending = new List<byte>();
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(), _closing.Token) is { MessageType: not WebSocketMessageType.Close } read)
            {
                pending.AddRange(buffer.AsSpan(0, read.Count));
                while (pending.IndexOf(EndOfMessage) is >= 0 and var end)
                {
                    var message = JsonSerializer.Deserialize<JsonElement>(pending.GetRange(0, end).ToArray());
                    pending.RemoveRange(0, end + 1);
                    await TakeAsync(message);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The test is over, or the server has gone.
        }
    }

    private async Task TakeAsync(JsonElement message)
    {
        // The answer to the handshake has no type.
        var type = message.TryGetProperty("type", out var number) ? number.GetInt32() : 0;
        if (type == 1 && message.TryGetProperty("invocationId", out var id))
        {
            var completion = Answer(message.GetProperty("target").GetString()!, message.GetProperty("arguments"));
            (completion["type"], completion["invocationId"]) = (3, id.GetString());
            await SendAsync(completion);
        }
        else if (type == 1)
        {
            Received.Enqueue(message.GetProperty("target").GetString() + message.GetProperty("arguments").GetRawText());
        }
        else if (type == 3 && _calls.TryRemove(message.GetProperty("invocationId").GetString()!, out var call))
        {
            call.SetResult(message);
        }
        else if (type == 6)
        {
            await SendAsync(new JsonObject { ["type"] = 6 });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        _socket.Dispose();
        _turn.Dispose();
        _closing.Dispose();
    }
}
