using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Npgsql;

namespace Mneme.Identity.Infrastructure;

/// <summary>An ES256 key of this installation.</summary>
/// <param name="Id">The JWK's thumbprint (RFC 7638), <c>kid</c> in tokens.</param>
/// <param name="Key">With its private half if this instance can sign with it.</param>
/// <param name="CanSign">Whether the private half was protected with this instance's key file.</param>
/// <param name="SignsFrom">Published before that, so that everybody knows it when the first token comes.</param>
/// <param name="SignsUntil">Its successor takes over.</param>
/// <param name="PublishedUntil">Its last token has expired.</param>
internal sealed record SigningKey(string Id, ECDsa Key, bool CanSign, DateTimeOffset SignsFrom, DateTimeOffset SignsUntil, DateTimeOffset PublishedUntil);

/// <summary>
/// The signing keys, in memory as they are in the database. A key signs for 30 days; its successor is made and published two days before. All
/// instances sign with the newest key that has begun and that their key file opens, and verify with every published one.
/// </summary>
internal sealed partial class KeyRing(Databases databases, KeyFile keyFile, TimeProvider time, ILogger<KeyRing> logger) : IVerificationKeys, IDisposable
{
    public static readonly TimeSpan SigningLifetime = TimeSpan.FromDays(30);
    public static readonly TimeSpan Announcement = TimeSpan.FromDays(2);

    // Longer than any access token lives, with the verifiers' skew.
    private static readonly TimeSpan PublishedAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan UnknownKeyPause = TimeSpan.FromSeconds(5);
    private const long RotationLock = 0x6B657972696E67;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private FrozenDictionary<string, SigningKey> _keys = FrozenDictionary<string, SigningKey>.Empty;
    private long _lastSearch;

    /// <summary>What the JWKS lists: keys to come, of today and of tokens that are still alive.</summary>
    public IEnumerable<SigningKey> Published
    {
        get
        {
            var now = time.GetUtcNow();
            return _keys.Values.Where(key => key.PublishedUntil > now).OrderBy(key => key.SignsFrom);
        }
    }

    public ECDsa? Find(string keyId)
    {
        if (_keys.TryGetValue(keyId, out var key))
            return key.PublishedUntil > time.GetUtcNow() ? key.Key : null;
        SearchInBackground();
        return null;
    }

    /// <summary>The key to sign with now.</summary>
    public async ValueTask<SigningKey> CurrentAsync(CancellationToken ct)
    {
        if (Current() is { } current)
            return current;
        await RefreshAsync(ct);
        return Current() ?? throw new InvalidOperationException("There is no signing key although one was just made.");
    }

    /// <summary>Reads the keys, and makes the one that is missing or due.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await using var connection = await databases.DataSource(IdentityService.ServiceName).OpenConnectionAsync(ct);
            await LoadAsync(connection, ct);
            if (!IsKeyDue())
                return;
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await using (var turn = new NpgsqlCommand($"select pg_advisory_xact_lock({RotationLock})", connection))
                await turn.ExecuteNonQueryAsync(ct);
            // Another instance may have made it while this one waited.
            await LoadAsync(connection, ct);
            if (!IsKeyDue())
                return;
            await AddKeyAsync(connection, ct);
            await transaction.CommitAsync(ct);
            await LoadAsync(connection, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The JWK's thumbprint (RFC 7638).</summary>
    public static string Thumbprint(ECParameters key) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(
        $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(key.Q.X)}}","y":"{{Base64Url.EncodeToString(key.Q.Y)}}"}""")));

    public void Dispose() => _turn.Dispose();

    private SigningKey? Current()
    {
        var now = time.GetUtcNow();
        return _keys.Values.Where(key => key.CanSign && key.SignsFrom <= now && key.SignsUntil > now).MaxBy(key => (key.SignsFrom, key.Id));
    }

    private bool IsKeyDue() => Current() is not { } current
        || current.SignsUntil - time.GetUtcNow() < Announcement && !_keys.Values.Any(key => key.CanSign && key.SignsUntil > current.SignsUntil);

    private async Task AddKeyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = Thumbprint(key.ExportParameters(includePrivateParameters: false));
        var from = Current()?.SignsUntil ?? time.GetUtcNow();
        await using var insert = new NpgsqlCommand("""
            insert into signing_keys (id, public_key, private_key, key_file, signs_from, signs_until, published_until) values ($1, $2, $3, $4, $5, $6, $7)
            """, connection)
        {
            Parameters =
            {
                new() { Value = id },
                new() { Value = key.ExportSubjectPublicKeyInfo() },
                new() { Value = keyFile.Protect(key.ExportPkcs8PrivateKey(), id) },
                new() { Value = keyFile.Id },
                new() { Value = from },
                new() { Value = from + SigningLifetime },
                new() { Value = from + SigningLifetime + PublishedAfter },
            },
        };
        await insert.ExecuteNonQueryAsync(ct);
        LogCreated(id, from);
    }

    private async Task LoadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var keys = new Dictionary<string, SigningKey>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand(
            "select id, public_key, private_key, key_file, signs_from, signs_until, published_until from signing_keys where published_until > $1", connection)
        { Parameters = { new() { Value = time.GetUtcNow() } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var id = reader.GetString(0);
            keys[id] = _keys.GetValueOrDefault(id) ?? Import(id, reader);
        }

        _keys = keys.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private SigningKey Import(string id, NpgsqlDataReader row)
    {
        var key = ECDsa.Create();
        var canSign = row.GetString(3) == keyFile.Id;
        if (canSign)
            key.ImportPkcs8PrivateKey(keyFile.Unprotect(row.GetFieldValue<byte[]>(2), id), out _);
        else
            key.ImportSubjectPublicKeyInfo(row.GetFieldValue<byte[]>(1), out _);
        return new SigningKey(id, key, canSign, row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5), row.GetFieldValue<DateTimeOffset>(6));
    }

    /// <summary>
    /// A token came with a key that is not known here: perhaps another instance with a key file of its own has just made it. Whoever sends made-up
    /// names causes one look every few seconds.
    /// </summary>
    private void SearchInBackground()
    {
        var last = Volatile.Read(ref _lastSearch);
        if (last != 0 && time.GetElapsedTime(last) < UnknownKeyPause || Interlocked.CompareExchange(ref _lastSearch, time.GetTimestamp(), last) != last)
            return;
        _ = Task.Run(async () =>
        {
            try
            {
                await RefreshAsync(CancellationToken.None);
            }
            catch (Exception e)
            {
                LogSearchFailed(e);
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Made signing key {KeyId}, which signs from {SignsFrom:u}")]
    private partial void LogCreated(string keyId, DateTimeOffset signsFrom);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not read the signing keys to look for an unknown one")]
    private partial void LogSearchFailed(Exception exception);
}
