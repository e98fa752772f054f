using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.IntegrationTests.Brokers;

/// <summary>A server that lives no longer than the tests: it and what it starts are one group, which ends when its standard input does, however this process ends.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public bool HasExited => _process.HasExited;

    /// <param name="log">File for its output.</param>
    /// <param name="environment">Added to this process's own.</param>
    /// <param name="command">Program and arguments.</param>
    public static ChildProcess Start(string log, IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, UseShellExecute = false };
        // An asynchronous command has no standard input of its own to read from, so the shell's is the tests' pipe alone.
        foreach (var argument in (string[])["sh", "-c", "\"$@\" </dev/null >>\"$0\" 2>&1 & cat >/dev/null; kill -KILL 0", log, .. command])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!);
    }

    public void Freeze() => Signal(SigStop);

    public void Thaw() => Signal(SigCont);

    /// <summary>Ends the group at once; returns when the leader is gone.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            Signal(Posix.SigKill);
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal(Posix.SigKill);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Signal(int signal) => Posix.Signal(-_process.Id, signal);
}
