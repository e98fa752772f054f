using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.Platform.Security;

/// <summary>
/// In a process without Identity: its verification keys and ended sessions, asked for every few seconds. Before the first answer no token is judged and the process is
/// not ready; later, while Identity is away, what it said last holds, and tokens end by their own expiry.
/// </summary>
internal sealed partial class IdentityMirror(
    IServiceScopeFactory scopes, ServiceRegistry registry, RevokedSessions revoked, Signal signal, TimeProvider time, ILogger<IdentityMirror> logger)
    : BackgroundLoop("The mirror of Identity", signal, PollInterval, logger), IVerificationKeys
{
    /// <summary>How often ended sessions are asked for: as often as Identity's own instances read them.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    // Keys are published two days before they sign.
    private static readonly TimeSpan KeysInterval = TimeSpan.FromMinutes(1);

    // Whoever sends made-up key ids causes one question every few seconds.
    private static readonly TimeSpan UnknownKeyPause = TimeSpan.FromSeconds(5);

    private readonly Signal _wake = signal;
    private volatile FrozenDictionary<string, ECDsa>? _keys;
    private volatile bool _knowsSessions;
    private DateTimeOffset? _readTo;
    private long _keysReadAt;
    private long _searchedAt;
    private string? _wanted;

    /// <summary>Whether tokens can be judged.</summary>
    public bool IsReady => _keys is not null && _knowsSessions;

    public ECDsa? Find(string keyId)
    {
        if (!IsReady)
            throw new IdentityUnreachableException();
        if (_keys!.TryGetValue(keyId, out var key))
            return key;
        Search(keyId);
        return null;
    }

    protected override async Task<bool> WorkAsync(CancellationToken ct)
    {
        var wanted = Interlocked.Exchange(ref _wanted, null);
        if (_keys is null || wanted is not null || time.GetElapsedTime(_keysReadAt) >= KeysInterval)
            Take((await AskAsync(new GetVerificationKeys(wanted), ct)).Keys);

        var ended = await AskAsync(new GetEndedSessions(_readTo), ct);
        foreach (var session in ended.Sessions)
            revoked.Add(session.SessionId, session.Until);
        _readTo = ended.ReadTo;
        _knowsSessions = true;
        return false;
    }

    private void Take(IReadOnlyList<VerificationKey> keys)
    {
        var before = _keys ?? FrozenDictionary<string, ECDsa>.Empty;
        _keys = keys.ToFrozenDictionary(key => key.Id, key => before.GetValueOrDefault(key.Id) ?? Import(key), StringComparer.Ordinal);
        _keysReadAt = time.GetTimestamp();
        foreach (var id in _keys.Keys.Except(before.Keys, StringComparer.Ordinal))
            LogKey(id);
    }

    private static ECDsa Import(VerificationKey key)
    {
        var imported = ECDsa.Create();
        imported.ImportSubjectPublicKeyInfo(key.PublicKey, out _);
        return imported.KeySize == 256 ? imported : throw new CryptographicException($"The key {key.Id} is not on P-256.");
    }

    private void Search(string keyId)
    {
        var last = Volatile.Read(ref _searchedAt);
        if (last != 0 && time.GetElapsedTime(last) < UnknownKeyPause || Interlocked.CompareExchange(ref _searchedAt, time.GetTimestamp(), last) != last)
            return;
        // Ours are 43 characters; what is longer is nobody's.
        Volatile.Write(ref _wanted, keyId.Cut(100));
        _wake.Set();
    }

    private async Task<TResponse> AskAsync<TResponse>(IAsk<TResponse> request, CancellationToken ct)
        where TResponse : class
    {
        await using var scope = scopes.CreateAsyncScope();
        // Tokens are every service's concern, so any of those here may ask.
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = registry.Services[0].Name;
        var outcome = await scope.ServiceProvider.GetRequiredService<IAsk>().Ask(request, ct);
        return outcome.Value ?? throw new InvalidOperationException($"Identity did not answer: {outcome.Problem!.Detail}");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Tokens signed with key {KeyId} are accepted")]
    private partial void LogKey(string keyId);
}
