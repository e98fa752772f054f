using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// Starts the server, waits for it, and starts it again when it falls, all on one thread of its own that lives as long as the program: the
/// kernel sends the server its parent-death signal when the <em>thread</em> that started it ends.
/// </summary>
internal sealed class ServerSupervisor
{
    private static readonly TimeSpan FirstStartPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ShortestBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LogCheck = TimeSpan.FromMinutes(1);

    private readonly ClusterPlace _place;
    private readonly RuntimeFolder _runtime;
    private readonly PostgresBinaries _binaries;
    private readonly ServerLogFile _log;
    private readonly PrivateClusterOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    private readonly object _gate = new(); // pulsed when _wanted changes
    private Wanted _wanted = Wanted.Running;
    private Process? _process;
    private bool _everReady;
    private TaskCompletionSource<int> _ready = NewSource<int>();
    private TaskCompletionSource<bool> _idle = NewSource<bool>();

    public ServerSupervisor(
        ClusterPlace place, RuntimeFolder runtime, PostgresBinaries binaries, PrivateClusterOptions options, ILogger logger, TimeProvider time)
    {
        (_place, _runtime, _binaries, _options, _logger, _time) = (place, runtime, binaries, options, logger, time);
        _log = new ServerLogFile(place.LogFile);
    }

    private enum Wanted
    {
        Running,
        Held,
        Ended,
    }

    public event EventHandler? Restarted;

    /// <summary>The postmaster, or zero while there is none.</summary>
    public int ProcessId
    {
        get
        {
            lock (_gate) return _process?.Id ?? 0;
        }
    }

    /// <summary>Completes when the server accepts connections; fails when the first start does.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        new Thread(Supervise) { IsBackground = true, Name = "PostgreSQL" }.Start();
        try
        {
            await _ready.Task.WaitAsync(ct);
        }
        catch
        {
            await StopAsync(forGood: true, immediate: false);
            throw;
        }
    }

    public async Task StopAsync(bool forGood, bool immediate)
    {
        Task idle;
        lock (_gate)
        {
            if (_wanted != Wanted.Ended)
            {
                _wanted = forGood ? Wanted.Ended : Wanted.Held;
                if (_idle.Task.IsCompleted) _idle = NewSource<bool>();
                Monitor.PulseAll(_gate);
            }

            idle = _idle.Task;
        }

        (int Signal, TimeSpan Patience)[] steps =
        [
            (immediate ? Posix.SigQuit : Posix.SigInt, _options.StopLimit), (Posix.SigQuit, TimeSpan.FromSeconds(10)), (Posix.SigKill, Timeout.InfiniteTimeSpan),
        ];
        for (var i = 0; i < steps.Length; i++)
        {
            var processId = Signal(steps[i].Signal);
            if (i > 0) ClusterLog.Escalating(_logger, processId, steps[i].Signal);
            try
            {
                await idle.WaitAsync(steps[i].Patience, _time);
                return;
            }
            catch (TimeoutException)
            {
            }
        }
    }

    public async Task ResumeAsync(CancellationToken ct)
    {
        Task ready;
        lock (_gate)
        {
            if (_wanted == Wanted.Ended) throw new ClusterException("The cluster was stopped for good.");
            _wanted = Wanted.Running;
            Monitor.PulseAll(_gate);
            ready = _ready.Task;
        }

        await ready.WaitAsync(ct);
    }

    /// <summary>Signals the server, if there is one; returns its process id.</summary>
    public int Signal(int signal)
    {
        lock (_gate)
        {
            if (_process is not { HasExited: false } process) return 0;
            Posix.Signal(process.Id, signal);
            return process.Id;
        }
    }

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool IsWanted()
    {
        lock (_gate) return _wanted == Wanted.Running;
    }

    private void Supervise()
    {
        var began = _time.GetTimestamp();
        var backoff = ShortestBackoff;
        while (Next() is not Wanted.Ended)
        {
            var launched = _time.GetTimestamp();
            try
            {
                RunOnce();
                if (!IsWanted()) continue;
            }
            catch (Exception e) when (!_everReady)
            {
                if (_time.GetElapsedTime(began) > FirstStartPatience || !IsWanted())
                {
                    _ready.TrySetException(e);
                    lock (_gate) _wanted = Wanted.Ended;
                }
            }
            catch (Exception e)
            {
                ClusterLog.StartAgainFailed(_logger, e, backoff);
            }

            if (_time.GetElapsedTime(launched) > StableAfter) backoff = ShortestBackoff;
            Wait(backoff);
            backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
        }

        lock (_gate) _idle.TrySetResult(true);
    }

    /// <summary>What to do next; sleeps while the server is held down.</summary>
    private Wanted Next()
    {
        lock (_gate)
        {
            while (_wanted == Wanted.Held)
            {
                _idle.TrySetResult(true);
                Monitor.Wait(_gate);
            }

            return _wanted;
        }
    }

    private void Wait(TimeSpan backoff)
    {
        lock (_gate)
        {
            if (_wanted == Wanted.Running) Monitor.Wait(_gate, backoff);
        }
    }

    private void RunOnce()
    {
        if (!OrphanedServers.Stop(_place.DataDirectory, _options.StopLimit, _logger, _time, IsWanted)) return;
        RemoveStaleFiles();
        _log.Bound();
        var logged = _log.Length;
        var began = _time.GetTimestamp();
        using var process = Launch();
        lock (_gate)
        {
            _process = process;
            if (_wanted != Wanted.Running) Posix.Signal(process.Id, Posix.SigInt);
        }

        try
        {
            AwaitReady(process, began, logged);
            while (!process.WaitForExit(LogCheck)) _log.Bound();
        }
        finally
        {
            lock (_gate)
            {
                _process = null;
                if (_ready.Task.IsCompleted) _ready = NewSource<int>();
            }
        }

        if (IsWanted()) ClusterLog.Fell(_logger, process.Id, process.ExitCode);
        else ClusterLog.Stopped(_logger);
    }

    private void AwaitReady(Process process, long began, long logged)
    {
        var told = began;
        while (true)
        {
            // The file alone proves nothing: it may be another server's. It must name the very process started here.
            if (PostmasterFile.Read(_place.DataDirectory) is { Ready: true } file && file.ProcessId == process.Id) break;
            if (process.WaitForExit(TimeSpan.FromMilliseconds(5)))
            {
                if (!IsWanted()) return;
                throw ServerFailure.Explain($"the server ended with code {process.ExitCode} while starting", _log.ReadFrom(logged), _place);
            }

            if (_time.GetElapsedTime(told) <= TimeSpan.FromSeconds(5)) continue;
            told = _time.GetTimestamp();
            ClusterLog.StillStarting(_logger);
        }

        ClusterLog.Running(_logger, _binaries.Major, process.Id, _place.DataDirectory, (long)_time.GetElapsedTime(began).TotalMilliseconds);
        var again = _everReady;
        _everReady = true;
        lock (_gate) _ready.TrySetResult(process.Id);
        if (again) ThreadPool.QueueUserWorkItem(_ => Restarted?.Invoke(this, EventArgs.Empty));
    }

    /// <summary>
    /// PostgreSQL takes over stale files itself, except when their process id meanwhile belongs to another process of the same user. No
    /// server lives on the folder when this is called. A <c>postmaster.pid</c> of a dead process stays, because with it PostgreSQL also
    /// checks that nobody is attached to the old shared memory.
    /// </summary>
    private void RemoveStaleFiles()
    {
        _runtime.RemoveSockets();
        if (PostmasterFile.Read(_place.DataDirectory) is not { } file || !Directory.Exists($"/proc/{file.ProcessId}")) return;
        ClusterLog.RemovingStaleProcessFile(_logger, file.ProcessId);
        File.Delete(Path.Combine(_place.DataDirectory, PostmasterFile.Name));
    }

    /// <summary>
    /// Each command in the chain replaces itself with the next, so the process started here becomes the postmaster. A session of its own
    /// keeps a terminal's Ctrl-C from stopping the server before the program has finished its requests.
    /// </summary>
    private Process Launch()
    {
        var server = ServerSettings.Write(_place, _runtime, _options.Connections);
        return Tool.Start(Tool.Command(
            "/usr/bin/setsid",
            ["/bin/sh", "-c", """umask 077; exec "$@" </dev/null >>"$0" 2>&1""", _log.Location,
            .. _place.User.CommandLine("INT", [_binaries["postgres"], .. server])]));
    }
}
