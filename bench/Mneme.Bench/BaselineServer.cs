using System.Buffers.Text;
using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mneme.Contracts.Study;
using Mneme.Platform;
using Mneme.Platform.Messaging;
using Mneme.Progress.Domain;
using Mneme.Progress.Infrastructure;
using Mneme.Scheduling;
using Mneme.Study.Domain;
using Mneme.Study.Infrastructure;
using Npgsql;
using NpgsqlTypes;

namespace Mneme.Bench;

/// <summary>
/// What the review costs without Mneme: a bare handler on the same web server that verifies the same ES256 token and executes the same SQL through Npgsql, and a bare
/// loop that does the relay's, the inbox's and the points' SQL in the same batches. No routing, no validation, no problem details, no metrics, no cache.
/// </summary>
internal static class BaselineServer
{
    private static readonly Option<string> Study = new("--study") { Required = true };
    private static readonly Option<string> Progress = new("--progress") { Required = true };
    private static readonly Option<string> PublicKey = new("--public-key") { Required = true };

    public static Command Create()
    {
        var command = new Command("baseline-server", "The bare server that `review` compares with. Started by it.") { Study, Progress, PublicKey };
        command.Hidden = true;
        command.SetAction((result, ct) => RunAsync(result.GetValue(Study)!, result.GetValue(Progress)!, result.GetValue(PublicKey)!, ct));
        return command;
    }

    private static async Task RunAsync(string study, string progress, string publicKey, CancellationToken ct)
    {
        await using var studyDb = Source(study, 24);
        await using var progressDb = Source(progress, 4);
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(context => ReviewAsync(context, key, studyDb));
        await app.StartAsync(ct);
        Console.WriteLine("Address " + app.Urls.First());
        var relay = RelayAsync(studyDb, progressDb, ct);
        await app.WaitForShutdownAsync(ct);
        await relay;
    }

    private static async Task ReviewAsync(HttpContext context, ECDsa key, NpgsqlDataSource database)
    {
        var token = context.Request.Headers.Authorization.ToString()["Bearer ".Length..];
        var payloadEnd = token.LastIndexOf('.');
        if (!key.VerifyData(Encoding.ASCII.GetBytes(token, 0, payloadEnd), Base64Url.DecodeFromChars(token.AsSpan(payloadEnd + 1)), HashAlgorithmName.SHA256))
        {
            context.Response.StatusCode = 401;
            return;
        }

        var claims = JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(token.AsSpan(token.IndexOf('.') + 1, payloadEnd - token.IndexOf('.') - 1)));
        var user = claims.GetProperty("sub").GetGuid();
        var zone = TimeZoneInfo.FindSystemTimeZoneById(claims.GetProperty("zoneinfo").GetString()!);
        var request = await JsonSerializer.DeserializeAsync<Request>(context.Request.Body, JsonSerializerOptions.Web);
        await using var connection = await database.OpenConnectionAsync();
        var card = (await ReviewStatements.ReadAsync(connection, ReviewStatements.Read, user, request!.FlashcardId, default))!;
        var now = DateTimeOffset.UtcNow;
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        var before = new CardMemory(new Sm2State((int)(card.EaseFactor * 100), card.Interval, card.Repetitions), card.NextReview, card.LastReviewedAt);
        var review = before.Review(request.Quality, now, new StudyCalendar(zone, TimeSpan.FromHours(4)));
        var reviewId = Guid.CreateVersion7(now);
        var e = new FlashcardReviewed(user, card.Id, card.TopicId, reviewId, request.Quality, now, DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime), zone.Id, card.Version + 1);
        await ReviewStatements.WriteAsync(connection, card.Id, card.Version, review, request.Quality, null, reviewId, EventEnvelope.Of(e, "study", now, null), default);
        context.Response.ContentType = "application/json";
        var (state, dueAt, _) = review.After;
        await JsonSerializer.SerializeAsync(
            context.Response.Body,
            card with { NextReview = dueAt, Interval = state.IntervalDays, EaseFactor = state.EaseFactor, Repetitions = state.Repetitions, LastReviewedAt = now, Version = card.Version + 1 },
            Json.Options);
    }

    private static async Task RelayAsync(NpgsqlDataSource study, NpgsqlDataSource progress, CancellationToken ct)
    {
        var linger = TimeSpan.FromMilliseconds(8);
        try
        {
            while (true)
            {
                await Task.Delay(linger, ct);
                while (await RelayBatchAsync(study, progress, ct) == 200)
                    await Task.Delay(linger, ct);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private static async Task<int> RelayBatchAsync(NpgsqlDataSource study, NpgsqlDataSource progress, CancellationToken ct)
    {
        await using var connection = await study.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var rows = new List<long>();
        var ids = new List<Guid>();
        var events = new List<FlashcardReviewed>();
        await using (var claim = new NpgsqlCommand("select seq, id, data from outbox order by seq limit 200 for update skip locked", connection))
        await using (var reader = await claim.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                rows.Add(reader.GetInt64(0));
                ids.Add(reader.GetGuid(1));
                events.Add(JsonSerializer.Deserialize<FlashcardReviewed>(reader.GetString(2), JsonSerializerOptions.Web)!);
            }
        }

        if (rows.Count == 0)
            return 0;
        await HandleAsync(progress, ids, events, ct);
        await using var delete = new NpgsqlCommand("delete from outbox where seq = any($1)", connection)
        {
            Parameters = { new() { Value = rows.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint } },
        };
        await delete.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return rows.Count;
    }

    private static async Task HandleAsync(NpgsqlDataSource progress, List<Guid> ids, List<FlashcardReviewed> events, CancellationToken ct)
    {
        await using var connection = await progress.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await Inbox.ClaimAsync(connection, "progress", [.. ids.Zip(events, (id, e) => new EventEnvelope(id, "", "", "", e.UserId, default, null, ""))], ct);
        await ActionWriter.ApplyAsync(connection, [.. events.Select(e => new LearningAction(e.UserId, 10, e.ReviewedAt, e.LocalDate, e.TimeZone))], ct);
        await transaction.CommitAsync(ct);
    }

    private static NpgsqlDataSource Source(string connectionString, int poolSize) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = poolSize, MaxAutoPrepare = 100, AutoPrepareMinUsages = 3, NoResetOnClose = true }.ConnectionString);

    private sealed record Request(Guid FlashcardId, int Quality);
}
