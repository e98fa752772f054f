using System.Text.Json;
using Mneme.IntegrationTests.Support;
using Mneme.Platform;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Study;

/// <summary>
/// Keeps a copy of everything that Study puts into its outbox, by a trigger: rows are gone as soon as they are relayed.
/// </summary>
internal static class StudyEvents
{
    public static async Task KeepAsync(TestApplication app)
    {
        // Held until the commit: released before it, the next caller would not see the table yet and fail at making it again.
        await using var command = app.Database("study").CreateCommand("""
            do $$
            begin
                perform pg_advisory_xact_lock(7);
                if to_regclass('test_outbox') is null then
                    create table test_outbox (seq bigint generated always as identity, type text, partition_key uuid, data text);
                    create function keep_outbox() returns trigger language plpgsql as
                        'begin insert into test_outbox (type, partition_key, data) values (new.type, new.partition_key, new.data); return null; end';
                    create trigger keep_outbox after insert on outbox for each row execute function keep_outbox();
                end if;
            end $$
            """);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<IReadOnlyList<TEvent>> OfAsync<TEvent>(TestApplication app, Guid userId)
        where TEvent : IIntegrationEvent
    {
        await using var command = app.Database("study").CreateCommand("select data from test_outbox where partition_key = $1 and type = $2 order by seq");
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = EventType.Of<TEvent>().Name });
        await using var reader = await command.ExecuteReaderAsync();
        var events = new List<TEvent>();
        while (await reader.ReadAsync())
            events.Add(JsonSerializer.Deserialize<TEvent>(reader.GetString(0), Json.Options)!);
        return events;
    }
}
