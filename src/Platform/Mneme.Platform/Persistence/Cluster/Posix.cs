using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>The few system calls that .NET does not offer. Paths are UTF-8.</summary>
internal static class Posix
{
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;

    private const int AtCurrentFolder = -100;
    private const int AtDoNotFollow = 0x100;
    private const uint StatxBasic = 0x7ff;
    private const int KindMask = 0xf000;
    internal const int KindFolder = 0x4000;
    internal const int KindFile = 0x8000;
    internal const int KindLink = 0xa000;

    public static uint EffectiveUser => geteuid();

    /// <summary>The path without symbolic links, which the server sees as its working directory.</summary>
    public static string RealPath(string path)
    {
        var pointer = realpath(Utf8(path), IntPtr.Zero);
        if (pointer == IntPtr.Zero) throw LastError("realpath", path);
        try
        {
            return Marshal.PtrToStringUTF8(pointer)!;
        }
        finally
        {
            free(pointer);
        }
    }

    /// <summary>Owner and mode without following a link; null when there is no such file.</summary>
    public static FileOwner? Owner(string path)
    {
        // struct statx is the same on every architecture: uid at 20, gid at 24, mode at 28.
        var buffer = new byte[256];
        if (statx(AtCurrentFolder, Utf8(path), AtDoNotFollow, StatxBasic, buffer) != 0) return null;
        var mode = BitConverter.ToUInt16(buffer, 28);
        return new FileOwner(
            BitConverter.ToUInt32(buffer, 20), BitConverter.ToUInt32(buffer, 24), (UnixFileMode)(mode & 0xfff), mode & KindMask);
    }

    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (lchown(Utf8(path), user, group) != 0) throw LastError("chown", path);
    }

    /// <summary>Sends a signal; false when the process is gone.</summary>
    public static bool Signal(int processId, int signal) => kill(processId, signal) == 0;

    /// <summary>Makes a rename or a new file in the folder survive a power failure.</summary>
    public static void FlushFolder(string path)
    {
        var handle = open(Utf8(path), 0);
        if (handle < 0) throw LastError("open", path);
        var failed = fsync(handle) != 0;
        var error = failed ? LastError("fsync", path) : null;
        _ = close(handle);
        if (error is not null) throw error;
    }

    /// <summary>Opens a file without the lock that .NET takes on every file it opens.</summary>
    public static SafeFileHandle OpenUnlocked(string path)
    {
        var handle = open(Utf8(path), 0);
        return handle >= 0 ? new SafeFileHandle(handle, ownsHandle: true) : throw LastError("open", path);
    }

#pragma warning disable CA1416 // PostgreSQL's private cluster, and this class with it, is for Unix
    public static void CreateFolder(string path, UnixFileMode mode) => Directory.CreateDirectory(path, mode);

    public static void SetMode(string path, UnixFileMode mode) => File.SetUnixFileMode(path, mode);
    public static UnixFileMode Mode(SafeFileHandle file) => File.GetUnixFileMode(file);

    /// <summary>Opens a file for writing; <paramref name="createMode"/> is for one that does not exist yet.</summary>
    public static FileStream OpenToWrite(string path, FileMode mode, UnixFileMode createMode) =>
        new(path, new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = createMode, BufferSize = 1 << 16 });
#pragma warning restore CA1416

    private static byte[] Utf8(string path) => Encoding.UTF8.GetBytes(path + '\0');

    private static IOException LastError(string call, string path)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"{call} {path}: {error.Message}", error);
    }

#pragma warning disable IDE1006 // the C library's names
    [DllImport("libc")]
    private static extern uint geteuid();

    [DllImport("libc", SetLastError = true)]
    private static extern IntPtr realpath(byte[] path, IntPtr resolved);

    [DllImport("libc")]
    private static extern void free(IntPtr pointer);

    [DllImport("libc", SetLastError = true)]
    private static extern int statx(int folder, byte[] path, int flags, uint mask, byte[] buffer);

    [DllImport("libc", SetLastError = true)]
    private static extern int lchown(byte[] path, uint user, uint group);

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int processId, int signal);

    [DllImport("libc", SetLastError = true)]
    private static extern int open(byte[] path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int handle);

    [DllImport("libc")]
    private static extern int close(int handle);
#pragma warning restore IDE1006
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileOwner(uint User, uint Group, UnixFileMode Mode, int Kind)
{
    public bool IsFolder => Kind == Posix.KindFolder;

    public bool IsFile => Kind == Posix.KindFile;

    public bool IsLink => Kind == Posix.KindLink;
}
