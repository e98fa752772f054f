using Mneme.Platform.Persistence.Cluster;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>What is saved or restored.</summary>
public sealed record BackupOptions
{
    /// <summary>The data folder and its private cluster. With <see cref="ServerConnectionString"/> only its folders are used.</summary>
    public required PrivateClusterOptions Cluster { get; init; }

    /// <summary>A server of the operator's own (an Npgsql connection string to any of its databases) instead of the private cluster.</summary>
    public string? ServerConnectionString { get; init; }

    /// <summary>With <see cref="ServerConnectionString"/>, the databases that are this program's; null saves all of the server.</summary>
    public IReadOnlyList<string>? Databases { get; init; }

    /// <summary>The running program's version, for the manifest.</summary>
    public required string ProgramVersion { get; init; }

    /// <summary>Replace an archive of the same name.</summary>
    public bool Overwrite { get; init; }
}
