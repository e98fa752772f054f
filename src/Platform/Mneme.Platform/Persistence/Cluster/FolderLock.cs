namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// Held for the program's life so that no two of them use one folder. It is the kernel's lock on an open file, so it ends with the process
/// however that ends; the process id in the file is only for the message.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    public const string Name = "postgres.lock";

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    public static FolderLock Take(string folder)
    {
        var path = Path.Combine(folder, Name);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ClusterException($"The data folder {folder} cannot be written by this user: change its owner, or choose another with --data.", e);
        }
        catch (IOException e) when (File.Exists(path))
        {
            var holder = Holder(path);
            throw new ClusterLockedException(
                $"The data folder {folder} is in use by {(holder is null ? "another program" : $"process {holder}")}. Stop it first, or choose another folder with --data.", e)
            {
                Holder = holder,
            };
        }
        catch (IOException e)
        {
            throw new ClusterException($"The data folder {folder} cannot be written: {e.Message}", e);
        }

        file.SetLength(0);
        file.Write(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
        file.Flush();
        return new FolderLock(file);
    }

    // The file stays: removing it would let a third program lock a new file while a second one waits for the old.
    public void Dispose() => _file.Dispose();

    private static int? Holder(string path)
    {
        try
        {
            using var file = Posix.OpenUnlocked(path);
            var content = new byte[32];
            var length = RandomAccess.Read(file, content, 0);
            return int.TryParse(System.Text.Encoding.ASCII.GetString(content, 0, length), out var processId) ? processId : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
