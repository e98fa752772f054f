using System.Diagnostics;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>Runs the short system commands that the cluster needs.</summary>
internal static class Tool
{
    /// <summary>
    /// An environment of its own for everything that is started here: the server must not hold the program's secrets, and no PG* variable
    /// or locale of the person's shell may change what it does.
    /// </summary>
    public static ProcessStartInfo Command(string file, params IEnumerable<string> arguments)
    {
        // The working directory "/" can be reached by every user, unlike the one the program was started in.
        var start = new ProcessStartInfo(file, arguments) { WorkingDirectory = "/", UseShellExecute = false };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["TZ"] = "UTC";
        return start;
    }

    /// <summary>
    /// Runs to the end on the calling thread, which therefore outlives the command (a parent-death signal fires when the starting thread ends).
    /// </summary>
    /// <returns>The exit code, and standard output and error as they came.</returns>
    public static (int ExitCode, string Output) Run(ProcessStartInfo command, CancellationToken ct = default)
    {
        command.RedirectStandardOutput = true;
        command.RedirectStandardError = true;
        command.RedirectStandardInput = true;
        using var process = Start(command);
        process.StandardInput.Close();
        using var cancel = ct.Register(() => Posix.Signal(process.Id, Posix.SigKill));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = process.StandardOutput.ReadToEnd();
        output += errors.GetAwaiter().GetResult();
        process.WaitForExit();
        ct.ThrowIfCancellationRequested();
        return (process.ExitCode, output);
    }

    public static Process Start(ProcessStartInfo command)
    {
        try
        {
            return Process.Start(command) ?? throw new ClusterException($"{command.FileName} could not be started.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ClusterException($"{command.FileName} could not be started: {e.Message}. It is part of every Debian (util-linux, libc-bin).", e);
        }
    }
}
