using System.Diagnostics;

namespace Mneme.Platform.Persistence.Cluster;

/// <summary>
/// The operating system's user that the server runs as. PostgreSQL refuses to run as root, so a program that runs as root drops to
/// <c>postgres</c> (which Debian's package creates), else to <c>nobody</c>; any other program runs the server as itself. A cluster that
/// exists keeps the user who owns it.
/// </summary>
internal sealed record ServerUser(string Name, uint UserId, uint GroupId)
{
    public bool IsProgramsOwn => UserId == Posix.EffectiveUser;

    public static ServerUser ForNewCluster() =>
        Posix.EffectiveUser != 0
            ? Find(Posix.EffectiveUser.ToString())
            : TryFind("postgres") ?? TryFind("nobody")
                ?? throw new ClusterException("PostgreSQL must not run as root, and there is neither a user postgres nor nobody: apt-get install postgresql, or run as another user.");

    public static ServerUser OwnerOf(string dataDirectory)
    {
        var owner = Posix.Owner(dataDirectory) ?? throw new ClusterException($"{dataDirectory} cannot be read.");
        if (owner.User == 0)
            throw new ClusterException($"{dataDirectory} belongs to root, and PostgreSQL refuses to run as root: give it back to its user, for example: chown -R postgres: '{dataDirectory}'");
        var user = Find(owner.User.ToString());
        return Posix.EffectiveUser == 0 || user.IsProgramsOwn
            ? user
            : throw new ClusterException($"The cluster {dataDirectory} belongs to the user {user.Name}: run as root or as {user.Name}, or choose another data folder.");
    }

    /// <summary>A command that runs as this user in place (no fork between), and gets the signal when the starting thread ends.</summary>
    public IEnumerable<string> CommandLine(string parentDeathSignal, params IEnumerable<string> command) =>
        ["/usr/bin/setpriv", .. Switch, "--no-new-privs", "--pdeathsig", parentDeathSignal, "--", .. command];

    /// <inheritdoc cref="CommandLine"/>
    public ProcessStartInfo Command(string parentDeathSignal, params IEnumerable<string> command)
    {
        var line = CommandLine(parentDeathSignal, command);
        return Tool.Command(line.First(), line.Skip(1));
    }

    public bool CanEnter(string folder) =>
        IsProgramsOwn || Tool.Run(Command("KILL", "/usr/bin/test", "-x", folder)).ExitCode == 0;

    private IEnumerable<string> Switch =>
        IsProgramsOwn ? [] : ["--reuid", $"{UserId}", "--regid", $"{GroupId}", "--clear-groups"];

    private static ServerUser Find(string nameOrId) =>
        TryFind(nameOrId) ?? throw new ClusterException($"The user id {nameOrId} has no name on this machine, which PostgreSQL needs: add a line for it to /etc/passwd.");

    private static ServerUser? TryFind(string nameOrId)
    {
        var (code, output) = Tool.Run(Tool.Command("/usr/bin/getent", "passwd", nameOrId));
        var fields = output.Split(':');
        return code == 0 && fields.Length > 3 && uint.TryParse(fields[2], out var user) && uint.TryParse(fields[3], out var group)
            ? new(fields[0], user, group)
            : null;
    }
}
