using System.Diagnostics;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.Platform.Hosting;

/// <summary>
/// Another program and whatever it starts, as one group in a session of its own: signals reach all of them, Ctrl-C at this program's terminal none, and they never outlive this process, however it ends.
/// </summary>
/// <remarks>
/// A shell holds the group together. It watches a pipe of which this process has the other end, and ends everybody when that closes; the kernel's parent-death signal would reach the one program only,
/// and already when the <em>thread</em> ends that started it.
/// </remarks>
public sealed class ProcessGroup : IDisposable
{
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    // Background commands have no standard input of their own, so the pipe gets another number. What is left of the group at the end is told to end too.
    private const string Script = """
        exec 3<&0
        "$@" </dev/null 3<&- & child=$!
        (cat <&3 >/dev/null; kill -KILL 0) &
        exec 3<&-
        trap : TERM
        while kill -0 $child 2>/dev/null; do wait $child; status=$?; done
        kill -TERM 0
        exit $status
        """;

    private readonly Process _process;

    private ProcessGroup(Process process) => _process = process;

    /// <summary>The group's id.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The program's exit status; 128 and the signal's number if one ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">Added to this process's own; null removes a variable.</param>
    /// <param name="output">Gets every line that is printed, on threads of its own.</param>
    public static ProcessGroup Start(IEnumerable<string> command, IEnumerable<KeyValuePair<string, string?>> environment, Action<string> output)
    {
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Script, "sh", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Print(line.Data);
        process.ErrorDataReceived += (_, line) => Print(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ProcessGroup(process);

        void Print(string? line)
        {
            if (line is not null)
                output(line);
        }
    }

    public Task WaitForExitAsync(CancellationToken ct) => _process.WaitForExitAsync(ct);

    /// <summary>Asks everybody to end, and ends them after <paramref name="patience"/>.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (!_process.HasExited)
            Signal(SigTerm);
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            await KillAsync();
        }
    }

    /// <summary>Ends everybody at once.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            Signal(Posix.SigKill);
        await _process.WaitForExitAsync();
    }

    /// <summary>Lets nobody of the group go on until <see cref="Thaw"/>.</summary>
    public void Freeze() => Signal(SigStop);

    public void Thaw() => Signal(SigCont);

    /// <summary>What happens when this process ends: the pipe closes. For tests.</summary>
    internal void LetGo() => _process.StandardInput.Close();

    private void Signal(int signal) => Posix.Signal(-_process.Id, signal);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal(Posix.SigKill);
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
