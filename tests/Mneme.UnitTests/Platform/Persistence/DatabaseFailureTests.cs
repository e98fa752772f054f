using System.Net.Sockets;
using Mneme.Platform.Persistence;
using Npgsql;

namespace Mneme.UnitTests.Platform.Persistence;

public sealed class DatabaseFailureTests
{
    public static TheoryData<Exception, bool> Failures => new()
    {
        { new NpgsqlException("Failed to connect", new SocketException((int)SocketError.ConnectionRefused)), true },
        { new InvalidOperationException("likely transient", new NpgsqlException("The connection pool has been exhausted", new TimeoutException())), true },
        { new SocketException((int)SocketError.HostNotFound), true },
        { Postgres(PostgresErrorCodes.AdminShutdown), true },
        { new StoreUnavailableException("Redis cannot be reached"), true },
        { Postgres(PostgresErrorCodes.UniqueViolation), false },
        { new HttpRequestException("another server", new SocketException((int)SocketError.ConnectionRefused)), false },
        { new TaskCanceledException("HttpClient.Timeout", new TimeoutException()), false },
        { new InvalidOperationException("a bug"), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Only_the_stores_themselves_can_be_unavailable(Exception failure, bool isUnavailable) => DatabaseFailure.IsUnavailable(failure).ShouldBe(isUnavailable);

    private static PostgresException Postgres(string state) => new("message", "FATAL", "FATAL", state);
}
