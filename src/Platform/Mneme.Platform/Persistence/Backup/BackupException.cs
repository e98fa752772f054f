namespace Mneme.Platform.Persistence.Backup;

/// <summary>A backup cannot be made or restored; the message says why and what to do, and is shown to the operator as it is.</summary>
public sealed class BackupException : Exception
{
    public BackupException()
    {
    }

    public BackupException(string message) : base(message)
    {
    }

    public BackupException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
