using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Npgsql;

namespace Mneme.Identity.Infrastructure;

/// <summary>
/// Ends sessions before their access tokens expire: here with the commit, in other instances and processes within <see cref="PollInterval"/> and the time of a query.
/// </summary>
internal sealed class SessionEnds(Databases databases, RevokedSessions revoked, TimeProvider time)
{
    /// <summary>How often what other instances ended is read.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    // A row becomes visible when its transaction commits, which is later than its time by no more than a transaction may last.
    private static readonly TimeSpan LongestTransaction = TimeSpan.FromMinutes(1);

    private DateTimeOffset? _readTo;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Ends all sessions of a person, in the current transaction. Pass the result to <see cref="Announce"/> after the commit.</summary>
    public Task<List<Guid>> EndAllAsync(IdentityDb db, Guid userId, CancellationToken ct)
    {
        var until = time.GetUtcNow() + AccessTokens.LongestLife;
        return db.Database.SqlQuery<Guid>($"""
            with ended as (delete from sessions where user_id = {userId} returning id)
            insert into ended_sessions (session_id, until) select id, {until} from ended on conflict do nothing returning session_id
            """).ToListAsync(ct);
    }

    /// <summary>Ends one session, in the current transaction or at once if there is none. Pass the result to <see cref="Announce"/> after the commit.</summary>
    /// <returns>The session, or nothing if the person has no such session.</returns>
    public Task<List<Guid>> EndAsync(IdentityDb db, Guid userId, Guid sessionId, CancellationToken ct)
    {
        var until = time.GetUtcNow() + AccessTokens.LongestLife;
        return db.Database.SqlQuery<Guid>($"""
            with ended as (delete from sessions where id = {sessionId} and user_id = {userId} returning id)
            insert into ended_sessions (session_id, until) select id, {until} from ended on conflict do nothing returning session_id
            """).ToListAsync(ct);
    }

    /// <summary>Makes this process refuse the sessions' access tokens. After the commit: a failed one ends nothing.</summary>
    public void Announce(IEnumerable<Guid> ended)
    {
        var until = time.GetUtcNow() + AccessTokens.LongestLife;
        foreach (var session in ended)
            revoked.Add(session, until);
    }

    /// <summary>Learns what other instances ended since the last time; the first time, all that can still have live tokens.</summary>
    public async Task ReadAsync(CancellationToken ct)
    {
        var ended = await ListAsync(_readTo, ct);
        foreach (var session in ended.Sessions)
            revoked.Add(session.SessionId, session.Until);
        _readTo = ended.ReadTo;
    }

    /// <summary>The sessions that ended and can still have live tokens.</summary>
    /// <param name="since">What an earlier list was read to; null for all of them.</param>
    /// <param name="ct">Cancels the query.</param>
    public async Task<EndedSessions> ListAsync(DateTimeOffset? since, CancellationToken ct)
    {
        await using var command = databases.DataSource(IdentityService.ServiceName).CreateCommand("""
            select clock_timestamp(), null, null union all
            select null, session_id, until from ended_sessions where recorded_at > $1 and until > $2
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = since > DateTimeOffset.UnixEpoch ? since.Value.ToUniversalTime() - LongestTransaction : DateTimeOffset.UnixEpoch });
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var sessions = new List<EndedSession>();
        var readTo = since ?? DateTimeOffset.UnixEpoch;
        while (await reader.ReadAsync(ct))
        {
            if (reader.IsDBNull(0))
                sessions.Add(new EndedSession(reader.GetGuid(1), reader.GetFieldValue<DateTimeOffset>(2)));
            else
                readTo = reader.GetFieldValue<DateTimeOffset>(0);
        }

        return new EndedSessions(sessions, readTo);
    }
}
