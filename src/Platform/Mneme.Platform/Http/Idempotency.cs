using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Persistence;
using Npgsql;

namespace Mneme.Platform.Http;

/// <summary>
/// <c>Idempotency-Key</c>: the same key and request replay the first successful answer, another request under the key answers 422, one that runs at
/// the same time 409. Keys belong to their user. Failed requests changed nothing, so they are not remembered.
/// </summary>
internal sealed class Idempotency(ServiceDb db, Guid userId, string key, HttpContext http, IEnumerable<object?> requests)
{
    private const int MaxKeyLength = 255;

    private readonly byte[] _hash = Hash(http, requests);

    /// <returns>The answer to give instead of running the handler, or null.</returns>
    public async Task<IResult?> FindAsync(CancellationToken ct)
    {
        if (key.Length > MaxKeyLength)
            return OutcomeResult.Of(Problem.Invalid("Idempotency-Key", $"At most {MaxKeyLength} characters."));
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        await using var command = new NpgsqlCommand("""
            select pg_try_advisory_xact_lock(hashtextextended($1::text || ':' || $2, 1)), k.request_hash, k.status, k.location, k.body
            from (select) as one left join idempotency_keys k on k.user_id = $1 and k.key = $2
            """, connection) { Parameters = { new() { Value = userId }, new() { Value = key } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        if (!reader.GetBoolean(0))
            return OutcomeResult.Of(Problem.Conflict("idempotency-key-in-use", "A request with this Idempotency-Key is being worked on. Wait for it, then repeat."));
        if (reader.IsDBNull(1))
            return null;
        if (!reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(_hash))
            return OutcomeResult.Of(Problem.Unprocessable("idempotency-key-reused", "This Idempotency-Key was used for a different request. Use a new key."));
        return new Replay(reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4));
    }

    public async Task StoreAsync(IOutcome success, DateTimeOffset now, CancellationToken ct)
    {
        var body = success.Value is null or Nothing ? null : JsonSerializer.Serialize(success.Value, success.Value.GetType(), Json.Options);
        var status = success.Location is not null ? StatusCodes.Status201Created : body is null ? StatusCodes.Status204NoContent : StatusCodes.Status200OK;
        await db.Database.ExecuteSqlAsync($"""
            insert into idempotency_keys (user_id, key, request_hash, status, location, body, created_at)
            values ({userId}, {key}, {_hash}, {status}, {success.Location}, {body}, {now})
            """, ct);
    }

    private static byte[] Hash(HttpContext http, IEnumerable<object?> requests)
    {
        var text = new StringBuilder().Append(http.Request.Method).Append(' ').Append(http.Request.Path).Append(http.Request.QueryString);
        foreach (var request in requests.OfType<object>())
            text.Append('\n').Append(JsonSerializer.Serialize(request, request.GetType(), Json.Options));
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private sealed class Replay(int status, string? location, string? body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.Headers["Idempotent-Replayed"] = "true";
            if (location is not null)
                response.Headers.Location = location;
            if (body is null)
                return Task.CompletedTask;
            response.ContentType = "application/json; charset=utf-8";
            return response.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
