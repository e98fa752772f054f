using Mneme.Platform.Persistence;
using Npgsql;

namespace Mneme.UnitTests.Platform.Persistence;

public sealed class DatabaseUrlTests
{
    [Fact]
    public void An_address_is_read_with_everything_in_it()
    {
        var read = Read("postgres://ann%40work:p%3Ass%2Fword@db.example.org:6432/learning?sslmode=verify-full&sslrootcert=/etc/ca.pem");

        (read.Host, read.Port, read.Username, read.Password, read.Database).ShouldBe(("db.example.org", 6432, "ann@work", "p:ss/word", "learning"));
        (read.SslMode, read.RootCertificate).ShouldBe((SslMode.VerifyFull, "/etc/ca.pem"));
    }

    [Fact]
    public void What_an_address_leaves_out_has_the_usual_value()
    {
        var read = Read("postgresql://db.example.org");

        (read.Host, read.Port, read.Username, read.Password, read.Database).ShouldBe(("db.example.org", 5432, null, null, "postgres"));
    }

    [Fact]
    public void A_Unix_socket_is_named_as_libpq_does() =>
        Read("postgres://mneme@localhost/mneme?host=/run/postgresql").Host.ShouldBe("/run/postgresql");

    [Fact]
    public void An_Npgsql_connection_string_is_taken_as_it_is()
    {
        var read = Read("Host=db.example.org;Username=mneme;Database=learning");

        (read.Host, read.Username, read.Database).ShouldBe(("db.example.org", "mneme", "learning"));
    }

    [Theory]
    [InlineData("db.example.org:5432")]
    [InlineData("Hots=db.example.org")]
    [InlineData("postgres://:::")]
    [InlineData("postgres://db.example.org/x?sslmode=perhaps")]
    public void Anything_else_is_refused_with_the_name_of_the_setting_and_without_the_password(string url) =>
        Should.Throw<FormatException>(() => DatabaseServer.ParseUrl(url)).Message.ShouldStartWith("Database__Url");

    private static NpgsqlConnectionStringBuilder Read(string url) => new(DatabaseServer.ParseUrl(url));
}
