namespace Mneme.JourneyTests.Support;

/// <summary>A temporary data folder.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("mneme-journey-");

    // Run by root, the server drops to another user, who must reach it here.
    public DataFolder() => _parent.UnixFileMode = (UnixFileMode)0b111_101_101;

    public string Path => System.IO.Path.Combine(_parent.FullName, "data");

    public void Dispose() => _parent.Delete(recursive: true);
}
