namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// The server's log, kept to two files of bounded size. The server appends to it directly (no collector process, no pipe that could fill
/// up when the program hangs), so it is shortened in place: lines written between the copy and the cut are lost.
/// </summary>
internal sealed class ServerLogFile(string path)
{
    private const long Limit = 10 << 20;

    public string Location => path;

    public long Length => File.Exists(path) ? new FileInfo(path).Length : 0;

    public void Bound()
    {
        if (Length <= Limit) return;
        try
        {
            File.Copy(path, path + ".1", overwrite: true);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(0);
        }
        catch (IOException)
        {
            // A full disk: tried again in a minute.
        }
    }

    public string ReadFrom(long offset)
    {
        if (!File.Exists(path)) return "";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Min(offset, file.Length);
        return new StreamReader(file).ReadToEnd();
    }
}
