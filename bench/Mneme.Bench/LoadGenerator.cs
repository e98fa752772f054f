using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mneme.Bench;

/// <summary>
/// Keep-alive connections over loopback that each send a request, read the whole answer and send the next. Plain sockets and prebuilt bytes, as it shares
/// the machine with what it measures.
/// </summary>
internal static class LoadGenerator
{
    /// <param name="address">The server.</param>
    /// <param name="connections">How many connections.</param>
    /// <param name="time">How long.</param>
    /// <param name="nextRequest">The bytes of the next request of a connection.</param>
    /// <param name="measured">Where the latencies go; null while warming up.</param>
    /// <param name="pace">Pause between the requests of a connection; null for none.</param>
    /// <returns>Requests answered with success.</returns>
    public static async Task<long> RunAsync(Uri address, int connections, TimeSpan time, Func<int, ReadOnlyMemory<byte>> nextRequest, Measured? measured, TimeSpan? pace = null)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(connection => Task.Run(() => ConnectionAsync(address, connection, start, time, nextRequest, measured, pace))));
        measured?.AddTime(Stopwatch.GetElapsedTime(start));
        return counts.Sum();
    }

    private static async Task<long> ConnectionAsync(
        Uri address, int connection, long start, TimeSpan time, Func<int, ReadOnlyMemory<byte>> nextRequest, Measured? measured, TimeSpan? pace)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port));
        var buffer = new byte[64 * 1024];
        var latencies = new List<double>(16_384);
        long failed = 0;
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            var sent = Stopwatch.GetTimestamp();
            await socket.SendAsync(nextRequest(connection));
            var status = await ReadAnswerAsync(socket, buffer);
            if (status is >= 200 and < 300)
                latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            else
                failed++;
            if (pace is { } pause)
                await Task.Delay(pause);
        }

        measured?.Add(latencies, failed);
        return latencies.Count;
    }

    private static async Task<int> ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0)
                throw new IOException("The server closed the connection.");
            length += read;
            if (Parse(buffer.AsSpan(0, length)) is { } status)
                return status;
        }
    }

    /// <returns>The status once the answer is whole, else null. Understands content-length and chunked bodies.</returns>
    private static int? Parse(ReadOnlySpan<byte> answer)
    {
        var headEnd = answer.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
            return null;
        var head = answer[..headEnd];
        var body = answer[(headEnd + 4)..];
        if (!Utf8Parser.TryParse(head[9..12], out int status, out _))
            throw new IOException("This is no HTTP answer.");
        if (HeaderValue(head, "Content-Length: "u8) is { Length: > 0 } text && Utf8Parser.TryParse(text, out int contentLength, out _))
            return body.Length >= contentLength ? status : null;
        if (HeaderValue(head, "Transfer-Encoding: "u8).StartsWith("chunked"u8))
            return body.EndsWith("0\r\n\r\n"u8) ? status : null;
        return status;
    }

    private static ReadOnlySpan<byte> HeaderValue(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        var start = head.IndexOf(name);
        return start < 0 ? default : head[(start + name.Length)..];
    }

    /// <summary>A POST of JSON with a bearer token.</summary>
    public static byte[] Post(string path, string? token, string json) => Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{(token is null ? "" : $"Authorization: Bearer {token}\r\n")}Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");

    public static byte[] Get(string path, string? token) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: localhost\r\n{(token is null ? "" : $"Authorization: Bearer {token}\r\n")}\r\n");
}
