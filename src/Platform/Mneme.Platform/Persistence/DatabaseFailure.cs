using Npgsql;

namespace Mneme.Platform.Persistence;

/// <summary>Tells a database, or a store beside it, that cannot be reached from a statement that failed.</summary>
public static class DatabaseFailure
{
    /// <summary>Whether the server is down, starting, stopping or out of connections: waiting helps, and nobody's input is to blame.</summary>
    public static bool IsUnavailable(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case PostgresException postgres:
                    return postgres.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                        or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections
                        or PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory;
                // The caller gave up, or another server than the database failed: what is below speaks of that.
                case OperationCanceledException or HttpRequestException:
                    return false;
                case NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or EndOfStreamException or StoreUnavailableException:
                    return true;
            }
        }

        return false;
    }

    public static bool IsUniqueViolation(Exception exception, string? constraint = null)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } postgres)
                return constraint is null || postgres.ConstraintName == constraint;
        }

        return false;
    }
}
