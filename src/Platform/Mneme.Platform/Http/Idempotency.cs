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
        await using var batch = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection())
        {
            BatchCommands =
            {
                new("select pg_try_advisory_xact_lock(hashtextextended($1::text || ':' || $2, 1))") { Parameters = { new() { Value = userId }, new() { Value = key } } },
                // A statement of its own, so that its snapshot is younger than the lock and shows what the lock's last holder stored.
                new("select request_hash, status, location, body from idempotency_keys where user_id = $1 and key = $2") { Parameters = { new() { Value = userId }, new() { Value = key } } },
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        if (!reader.GetBoolean(0))
            return OutcomeResult.Of(Problem.Conflict("idempotency-key-in-use", "A request with this Idempotency-Key is being worked on. Wait for it, then repeat."));
        await reader.NextResultAsync(ct);
        if (!await reader.ReadAsync(ct))
            return null;
        if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(_hash))
            return OutcomeResult.Of(Problem.Unprocessable("idempotency-key-reused", "This Idempotency-Key was used for a different request. Use a new key."));
        return new Replay(reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3));
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
                response.Headers.Location = httpContext.Request.PathBase + location;
            if (body is null)
                return Task.CompletedTask;
            response.ContentType = "application/json; charset=utf-8";
            return response.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
