using System.Collections.Concurrent;

namespace Mneme.Platform.Security;

/// <summary>
/// Sessions that ended before their access tokens did. Identity adds them with the commit, and reads what other instances revoked every few seconds; processes
/// without it ask it as often (<see cref="IdentityMirror"/>);
/// an entry is kept as long as a token of the session could live.
/// </summary>
public sealed class RevokedSessions(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _sessions = new();

    public bool Contains(Guid sessionId) => _sessions.ContainsKey(sessionId);

    /// <param name="sessionId">The session (<c>sid</c>).</param>
    /// <param name="until">When the last access token of the session has expired.</param>
    public void Add(Guid sessionId, DateTimeOffset until)
    {
        _sessions[sessionId] = until;
        if (_sessions.Count % 1024 != 0)
            return;
        var now = time.GetUtcNow();
        foreach (var (id, end) in _sessions)
        {
            if (end < now)
                _sessions.TryRemove(id, out _);
        }
    }
}
