using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;
using Npgsql;

namespace Mneme.IntegrationTests.Platform;

public sealed class MigrationTests(SharedApplication shared)
{
    [Fact]
    public async Task Instances_that_start_at_once_migrate_once()
    {
        var server = new DatabaseServer(shared.Postgres.ConnectionString, "m" + Guid.NewGuid().ToString("n")[..8]);

        var applied = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            await server.CreateMissingAsync(["probe"], CancellationToken.None);
            return await ApplyAsync(server);
        }));

        applied.Order().ShouldBe([0, 0, 0, 0, 2]);
    }

    [Fact]
    public async Task An_edited_migration_and_a_newer_database_are_refused()
    {
        var server = new DatabaseServer(shared.Postgres.ConnectionString, "m" + Guid.NewGuid().ToString("n")[..8]);
        await server.CreateMissingAsync(["probe"], CancellationToken.None);
        await ApplyAsync(server);

        await ExecuteAsync(server, "update schema_migrations set checksum = 'x' where name = '0001_probe'");
        (await Should.ThrowAsync<MigrationException>(() => ApplyAsync(server))).Message.ShouldContain("was edited after it had been applied");

        await ExecuteAsync(server, "update schema_migrations set version = 7 where name = '0001_probe'");
        (await Should.ThrowAsync<MigrationException>(() => ApplyAsync(server))).Message.ShouldContain("used by a newer version");
    }

    [Fact]
    public async Task A_version_that_does_not_migrate_runs_on_a_newer_schema()
    {
        var server = new DatabaseServer(shared.Postgres.ConnectionString, "m" + Guid.NewGuid().ToString("n")[..8]);
        await server.CreateMissingAsync(["probe"], CancellationToken.None);
        await ApplyAsync(server);
        var source = typeof(ServiceDb).Assembly.GetName().Name;
        await ExecuteAsync(server, $"insert into schema_migrations (source, version, name, checksum) values ('{source}', 9999, '9999_of_the_future', 'x')");

        await Should.NotThrowAsync(() => new Migrator(NullLogger<Migrator>.Instance).VerifyAsync(server.ConnectionString("probe"), "probe", [typeof(ServiceDb).Assembly], CancellationToken.None));
        (await Should.ThrowAsync<MigrationException>(() => ApplyAsync(server))).Message.ShouldContain("used by a newer version");
    }

    [Fact]
    public async Task On_a_server_that_grants_one_database_each_service_has_a_schema()
    {
        var name = "one" + Guid.NewGuid().ToString("n")[..8];
        await ExecuteAsync(shared.Postgres.ConnectionString, $"create role {name} login");
        await ExecuteAsync(shared.Postgres.ConnectionString, $"create database {name} owner {name}");
        // The private cluster admits one user only, who takes the rights of the other.
        var own = new NpgsqlConnectionStringBuilder(shared.Postgres.ConnectionString) { Options = $"-c role={name}", Database = name }.ConnectionString;
        var server = new DatabaseServer(own, "mneme");

        await server.CreateMissingAsync(["probe", "other"], CancellationToken.None);
        await ApplyAsync(server);

        await using var connection = new NpgsqlConnection(server.ConnectionString("probe"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select table_schema from information_schema.tables where table_name = 'outbox'", connection);
        (await command.ExecuteScalarAsync()).ShouldBe("mneme_probe");

        // The right to create databases comes too late: the data are here already.
        await ExecuteAsync(shared.Postgres.ConnectionString, $"alter role {name} createdb");
        var again = new DatabaseServer(own, "mneme");
        await again.CreateMissingAsync(["probe", "other", "third"], CancellationToken.None);
        again.ConnectionString("probe").ShouldBe(server.ConnectionString("probe"));
    }

    [Fact]
    public async Task Looking_at_an_empty_database_says_what_to_do_and_leaves_it_empty()
    {
        var server = new DatabaseServer(shared.Postgres.ConnectionString, "m" + Guid.NewGuid().ToString("n")[..8]);
        await server.CreateMissingAsync(["probe"], CancellationToken.None);

        var look = new Migrator(NullLogger<Migrator>.Instance).VerifyAsync(server.ConnectionString("probe"), "probe", [typeof(ServiceDb).Assembly], CancellationToken.None);
        (await Should.ThrowAsync<MigrationException>(() => look)).Message.ShouldContain("Run `mneme migrate`");

        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server.ConnectionString("probe")) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from pg_tables where schemaname = 'public'", connection);
        (await command.ExecuteScalarAsync()).ShouldBe(0L);
    }

    /// <summary>Every column that EF Core knows exists in the migrated schema with its type and nullability.</summary>
    [Fact]
    public async Task The_models_match_the_migrated_schemas()
    {
        var differences = new List<string>();
        foreach (var service in shared.App.Services.GetRequiredService<ServiceRegistry>().Services.Where(s => s.Database is not null))
        {
            await using var scope = shared.App.Services.CreateAsyncScope();
            var db = (ServiceDb)scope.ServiceProvider.GetRequiredService(service.Database!);
            var columns = await ColumnsAsync(shared.App.Database(service.Name));
            foreach (var table in db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables)
            {
                foreach (var column in table.Columns)
                {
                    var expected = (Simple(column.StoreType), column.IsNullable);
                    if (!columns.TryGetValue((table.Name, column.Name), out var actual) || actual != expected)
                        differences.Add($"{service.Name}: {table.Name}.{column.Name} is {expected} in the model and {actual} in the schema");
                }
            }
        }

        differences.ShouldBeEmpty();
    }

    private static string Simple(string type) => type.Split('(')[0] switch
    {
        "character varying" => "text",
        "timestamp with time zone" => "timestamptz",
        var other => other,
    };

    private static async Task<Dictionary<(string Table, string Column), (string Type, bool IsNullable)>> ColumnsAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand("""
            select c.relname::text, a.attname::text, format_type(a.atttypid, null), not a.attnotnull
            from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
            where a.attnum > 0 and not a.attisdropped and c.relnamespace = current_schema()::regnamespace
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var columns = new Dictionary<(string, string), (string, bool)>();
        while (await reader.ReadAsync())
            columns[(reader.GetString(0), reader.GetString(1))] = (Simple(reader.GetString(2)), reader.GetBoolean(3));
        return columns;
    }

    private static Task<int> ApplyAsync(DatabaseServer server) => new Migrator(NullLogger<Migrator>.Instance)
        .ApplyAsync(server.ConnectionString("probe"), "probe", [typeof(ServiceDb).Assembly, typeof(ProbeDb).Assembly], CancellationToken.None);

    private static Task ExecuteAsync(DatabaseServer server, string sql) => ExecuteAsync(server.ConnectionString("probe"), sql);

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
