using Mneme.Platform.Persistence;
using Npgsql;

namespace Mneme.Bench;

/// <summary>Fills a set of databases with learners and cards, straight by SQL.</summary>
internal static class Seed
{
    /// <summary>Ids that both databases and load agree on: a UUIDv7 made of a prefix and a number.</summary>
    public static Guid Learner(int number) => new($"01890000-0000-7000-8000-{number:x12}");

    public static Guid Card(int learner, int card) => new($"01890001-0000-7000-8000-{(long)learner << 20 | (uint)card:x12}");

    public static async Task ReviewsAsync(DatabaseServer server, int learners, int cardsEach)
    {
        await ExecuteAsync(server, "study", $"""
            insert into topics (id, user_id, name, created_at, updated_at, version)
            select ('01890002-0000-7000-8000-' || lpad(to_hex(u), 12, '0'))::uuid, ('01890000-0000-7000-8000-' || lpad(to_hex(u), 12, '0'))::uuid, 'Topic', now(), now(), 1
            from generate_series(0, {learners - 1}) u;
            insert into flashcards (id, user_id, topic_id, due_at, version, ease, interval_days, repetitions, created_at, updated_at, origin, front, back)
            select ('01890001-0000-7000-8000-' || lpad(to_hex((u::bigint << 20) | c), 12, '0'))::uuid, ('01890000-0000-7000-8000-' || lpad(to_hex(u), 12, '0'))::uuid,
                   ('01890002-0000-7000-8000-' || lpad(to_hex(u), 12, '0'))::uuid, now() - (c || ' minutes')::interval, 1, 250, 0, 0, now(), now(), 'MANUAL',
                   'What is the capital of country number ' || c || '?', 'The capital of country number ' || c || ' is a city.'
            from generate_series(0, {learners - 1}) u, generate_series(0, {cardsEach - 1}) c;
            """);
        await ProfilesAsync(server, learners, "0");
        await ExecuteAsync(server, "study", "vacuum (freeze, analyze) flashcards");
    }

    /// <param name="server">Where.</param>
    /// <param name="people">How many.</param>
    /// <param name="points">SQL of their points; <c>u</c> is their number.</param>
    public static async Task ProfilesAsync(DatabaseServer server, int people, string points)
    {
        await ExecuteAsync(server, "progress", $"""
            insert into profiles (id, name, time_zone, is_public) select ('01890000-0000-7000-8000-' || lpad(to_hex(u), 12, '0'))::uuid, 'Learner ' || u, 'Europe/Berlin', true
            from generate_series(0, {people - 1}) u;
            insert into scores (user_id, points) select ('01890000-0000-7000-8000-' || lpad(to_hex(u), 12, '0'))::uuid, {points} from generate_series(0, {people - 1}) u;
            """);
        await ExecuteAsync(server, "progress", "vacuum (analyze) scores");
        await ExecuteAsync(server, "progress", "vacuum (analyze) profiles");
    }

    public static async Task ExecuteAsync(DatabaseServer server, string service, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString(service) + ";Pooling=false;Command Timeout=600");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
