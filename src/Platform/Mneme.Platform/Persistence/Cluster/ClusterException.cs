namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// The private cluster cannot be used; the message says what is wrong and what to do, and is meant to be shown to the operator as it is.
/// </summary>
public class ClusterException : Exception
{
    public ClusterException()
    {
    }

    public ClusterException(string message) : base(message)
    {
    }

    public ClusterException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>Another program holds the data folder.</summary>
public sealed class ClusterLockedException : ClusterException
{
    public ClusterLockedException()
    {
    }

    public ClusterLockedException(string message) : base(message)
    {
    }

    public ClusterLockedException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>The process that holds the folder; <see langword="null"/> when it could not be read.</summary>
    public int? Holder { get; init; }
}
