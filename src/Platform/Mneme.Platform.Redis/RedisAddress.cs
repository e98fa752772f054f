using System.Globalization;

namespace Mneme.Platform.Redis;

/// <summary>What <c>redis://user:password@host:port/database</c> says; all but the host may be left out.</summary>
internal sealed record RedisAddress(string Host, int Port, bool IsTls, string User, string Password, int Database)
{
    private const int DefaultPort = 6379;
    private const string DefaultUser = "default";

    /// <exception cref="FormatException">It is no such address.</exception>
    public static RedisAddress Parse(Uri url)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("redis" or "rediss") || url.Host.Length == 0)
            throw new FormatException("must look like redis://user:password@host:6379/0, or rediss:// for TLS.");
        var account = url.UserInfo.Split(':', 2);
        var path = url.AbsolutePath.Trim('/');
        var database = 0;
        if (path.Length > 0 && !int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out database))
            throw new FormatException("must end with the number of a database, such as /0, if anything.");
        return new RedisAddress(
            url.IdnHost.Trim('[', ']'), url.Port > 0 ? url.Port : DefaultPort, url.Scheme == "rediss",
            account[0].Length > 0 ? Uri.UnescapeDataString(account[0]) : DefaultUser, account.Length > 1 ? Uri.UnescapeDataString(account[1]) : "", database);
    }

    // For messages: without user and password.
    public override string ToString() => $"{Host}:{Port}";
}
