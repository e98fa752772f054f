namespace Mneme.Platform.Persistence.Cluster;

/// <summary>What a private cluster is started with.</summary>
public sealed record PrivateClusterOptions
{
    /// <summary>Connections that the server accepts unless told otherwise: the sum of all services' pools must stay below it.</summary>
    public const int MaxConnections = 100;

    /// <summary>Connections that this server accepts. More than <see cref="MaxConnections"/> where services run more than once.</summary>
    public int Connections { get; init; } = MaxConnections;

    /// <summary>The program's data folder; created when missing. The cluster lies in <c>postgres</c> below it (or where <c>postgres.location</c> says).</summary>
    public required string DataFolder { get; init; }

    /// <summary>Holds one folder per installed major version, each with <c>bin</c>: Debian's layout.</summary>
    public string BinariesFolder { get; init; } = "/usr/lib/postgresql";

    /// <summary>Where the cluster goes when the server's user cannot reach <see cref="DataFolder"/>.</summary>
    public string OutsideFolder { get; init; } = "/var/lib/mneme";

    /// <summary>Where sockets go; <see langword="null"/> chooses <c>/run</c>, the data folder or <c>/tmp</c>, the first that is possible.</summary>
    public string? RuntimeFolder { get; init; }

    /// <summary>How long a fast stop (SIGINT: clients are disconnected, a checkpoint is written) may take before SIGQUIT.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Set by a restore, which alone may start the cluster of a folder whose restore is not finished.</summary>
    internal bool ForRestore { get; init; }
}
