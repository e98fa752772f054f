using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Threading.Channels;

namespace Mneme.Platform.Redis.Resp;

/// <summary>
/// One connection that many callers share: their commands are sent one after the other without waiting for replies, and each reply goes to the oldest command that has none.
/// A caller that gives up leaves its place in that order, so that the reply is read and dropped. A connection that is lost stays lost: what was under way
/// fails, and nothing is ever sent again.
/// </summary>
internal sealed class RespConnection : IAsyncDisposable
{
    private const int OutgoingLimit = 4096;
    private const int FlushSize = 64 * 1024;

    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly Action<RespValue> _pushed;
    private readonly RespParser _parser;
    private readonly Channel<Request> _outgoing = Channel.CreateBounded<Request>(new BoundedChannelOptions(OutgoingLimit) { SingleReader = true });
    private readonly ConcurrentQueue<Request> _unanswered = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;
    private Exception? _reason;
    private long _lastHeardAt;

    private sealed class Request(RespCommand command, bool isAnsweredByPush) : TaskCompletionSource<RespValue>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public RespCommand Command => command;

        public bool IsAnsweredByPush => isAnsweredByPush;

        public void Fail(Exception reason)
        {
            // Whoever gave up does not look at it any more: that is no unobserved failure.
            if (TrySetException(reason))
                _ = Task.Exception;
        }
    }

    /// <param name="stream">The established connection; owned from here on.</param>
    /// <param name="time">Clock for time limits.</param>
    /// <param name="limits">For replies.</param>
    /// <param name="pushed">Takes what the server sends unasked; must be quick and must not throw.</param>
    public RespConnection(Stream stream, TimeProvider time, RespLimits limits, Action<RespValue> pushed)
    {
        (_stream, _time, _pushed, _parser) = (stream, time, pushed, new RespParser(limits));
        _running = RunAsync();
    }

    /// <summary>Whether commands can be sent, as far as is known.</summary>
    public bool IsOpen => !_closing.IsCancellationRequested;

    /// <summary>Completes when the connection is lost or closed.</summary>
    public Task Ended => _running;

    /// <summary>Sends a command and returns its reply.</summary>
    /// <exception cref="RedisServerException">The server answered with an error.</exception>
    /// <exception cref="RedisTimeoutException">There was no reply in time.</exception>
    /// <exception cref="RedisConnectionException">The connection is, or was meanwhile, lost.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; the command may have been executed.</exception>
    public Task<RespValue> ExecuteAsync(RespCommand command, TimeSpan timeout, CancellationToken ct) => ExecuteAsync(new Request(command, isAnsweredByPush: false), timeout, ct);

    /// <summary>Subscribes to a channel; its messages go to the handler of pushes. With RESP3 the confirmation is a push, too.</summary>
    /// <inheritdoc cref="ExecuteAsync(RespCommand, TimeSpan, CancellationToken)" path="/exception"/>
    public Task SubscribeAsync(string channel, TimeSpan timeout, CancellationToken ct) => ExecuteAsync(new Request(RespCommand.Of("SUBSCRIBE", channel), isAnsweredByPush: true), timeout, ct);

    private async Task<RespValue> ExecuteAsync(Request request, TimeSpan timeout, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var startedAt = _time.GetTimestamp();
        try
        {
            return await SendAsync(request).WaitAsync(timeout, _time, ct);
        }
        catch (TimeoutException)
        {
            // Silence since then means that the server, or the way to it, is gone; else it is only this command that takes long.
            if (Interlocked.Read(ref _lastHeardAt) < startedAt)
                Close(new RedisConnectionException($"Redis was silent for {timeout.TotalSeconds:0.#} s."));
            throw new RedisTimeoutException($"Redis did not answer {request.Command.Name} within {timeout.TotalSeconds:0.#} s.");
        }
        finally
        {
            request.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task<RespValue> SendAsync(Request request)
    {
        try
        {
            // Without a detour while there is room: commands are sent in the order of the calls.
            if (!_outgoing.Writer.TryWrite(request))
                await _outgoing.Writer.WriteAsync(request);
        }
        catch (ChannelClosedException)
        {
            throw Lost();
        }

        return await request.Task;
    }

    private async Task RunAsync()
    {
        var reading = ReadAsync();
        var writing = WriteAsync();
        var first = await Task.WhenAny(reading, writing);
        Close(first.Exception?.InnerException ?? new OperationCanceledException());
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Now that nobody adds to them any more.
        while (_unanswered.TryDequeue(out var sent))
            sent.Fail(Lost());
        while (_outgoing.Reader.TryRead(out var waiting))
            waiting.Fail(Lost());
        await _stream.DisposeAsync();
    }

    private async Task WriteAsync()
    {
        var writer = PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true));
        while (await _outgoing.Reader.WaitToReadAsync(_closing.Token))
        {
            while (_outgoing.Reader.TryRead(out var request))
            {
                if (request.Task.IsCompleted)
                    continue;
                // Before it is sent: the reply may be there before this goes on.
                _unanswered.Enqueue(request);
                writer.Write(request.Command.Encoded.Span);
                if (writer.UnflushedBytes >= FlushSize)
                    await writer.FlushAsync(_closing.Token);
            }

            await writer.FlushAsync(_closing.Token);
        }
    }

    private async Task ReadAsync()
    {
        var reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        while (true)
        {
            var read = await reader.ReadAsync(_closing.Token);
            Interlocked.Exchange(ref _lastHeardAt, _time.GetTimestamp());
            var buffer = read.Buffer;
            while (_parser.TryRead(ref buffer, out var value))
                Dispatch(value);
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                throw new RedisConnectionException("Redis closed the connection.");
        }
    }

    private void Dispatch(RespValue value)
    {
        // Confirmations stand among the replies in the order of the commands.
        if (value.Type == RespType.Push && !(IsConfirmation(value) && _unanswered.TryPeek(out var oldest) && oldest.IsAnsweredByPush))
            _pushed(value);
        else if (!_unanswered.TryDequeue(out var request))
            throw new RespProtocolException("Redis sent a reply that nobody had asked for.");
        else if (value.IsError)
            request.Fail(new RedisServerException(value.AsString()));
        else
            request.TrySetResult(value);
    }

    private static bool IsConfirmation(RespValue push) => push.Items is [var kind, ..] && kind.AsString() == "subscribe";

    private RedisConnectionException Lost() => new($"The connection to Redis was lost ({_reason?.Message ?? "closed"}). Commands that were under way may have been executed.", _reason);

    private void Close(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null)
            return;
        _outgoing.Writer.TryComplete();
        _closing.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Close(new ObjectDisposedException(nameof(RespConnection)));
        await _running;
        _closing.Dispose();
    }
}
