using System.Runtime.InteropServices;

namespace Mneme.Identity.Infrastructure;

/// <summary>Linux gives every thread a niceness of its own, which .NET's ThreadPriority does not set.</summary>
internal static class ThreadPriorities
{
    private const int OfProcess = 0;
    private const int Niceness = 10;

    /// <summary>Lets other threads go first. Does nothing where that is not to be had.</summary>
    public static void Lower()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetPriority(OfProcess, GetThreadId(), Niceness);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library without gettid: the thread runs at ordinary priority.
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    private static extern int SetPriority(int which, int who, int priority);

    [DllImport("libc", EntryPoint = "gettid")]
    private static extern int GetThreadId();
}
