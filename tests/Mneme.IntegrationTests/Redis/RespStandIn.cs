using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Mneme.IntegrationTests.Redis;

/// <summary>A server that answers each command as a test says.</summary>
internal sealed class RespStandIn : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<IReadOnlyList<string>, string> _answer;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;

    /// <param name="answer">From the command's words to the bytes of the reply.</param>
    public RespStandIn(Func<IReadOnlyList<string>, string> answer)
    {
        _answer = answer;
        _listener.Start();
        _running = AcceptAsync();
    }

    public Uri Address => new($"redis://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>What was received, words separated by blanks.</summary>
    public ConcurrentQueue<string> Commands { get; } = new();

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_closing.Token)));
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(serving);
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            using var reader = new StreamReader(client.GetStream());
            try
            {
                while (await reader.ReadLineAsync(_closing.Token) is { } header)
                {
                    var words = new List<string>();
                    for (var i = int.Parse(header[1..]); i > 0; i--)
                    {
                        await reader.ReadLineAsync(_closing.Token);
                        words.Add((await reader.ReadLineAsync(_closing.Token))!);
                    }

                    Commands.Enqueue(string.Join(' ', words));
                    await client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(_answer(words)), _closing.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over, or the client has enough.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _running;
        _listener.Dispose();
        _closing.Dispose();
    }
}
