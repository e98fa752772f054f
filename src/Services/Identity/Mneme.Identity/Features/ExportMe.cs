using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Mneme.Identity.Infrastructure;
using Mneme.Platform;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Observability;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.Identity.Features;

/// <summary>What each service holds, by the service's name; null where it holds nothing.</summary>
internal sealed record ExportResponse(Guid UserId, DateTimeOffset ExportedAt, IReadOnlyDictionary<string, JsonNode?> Services);

/// <summary>Everything that all services hold of a person, as one file. If one of them does not answer there is no file: a gap would look like nothing held.</summary>
internal static partial class ExportMe
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/auth/me/export", Handle).Owned()
        .WithName("ExportMe").WithSummary("Download everything that is stored about you").Produces<ExportResponse>();

    private static async Task<Outcome<IResult>> Handle(
        Actor actor, Caller caller, IdentityDb db, IAsk ask, SystemServices system, ILoggerFactory loggers, TimeProvider time, CancellationToken ct)
    {
        var logger = loggers.CreateLogger(typeof(ExportMe));
        var answers = await Task.WhenAll(system.WithPersonalData.Select(service => AskAsync(ask, service, actor.UserId, logger, ct)));
        var silent = answers.Where(a => a.Data is null).Select(a => a.Service).ToList();
        var now = time.GetUtcNow();
        db.Record(now, "user.exported", actor.UserId, actor.UserId, silent.Count == 0 ? "success" : "export-incomplete", caller.Address);
        await db.SaveChangesAsync(ct);
        if (silent.Count > 0)
        {
            return Problem.Unavailable(
                "export-incomplete", $"These parts of the system did not answer: {string.Join(", ", silent)}. Nothing is exported rather than a part. Try again later.",
                TimeSpan.FromSeconds(30));
        }

        return new Archive(new ExportResponse(actor.UserId, now, answers.ToDictionary(a => a.Service, a => a.Data!.Data, StringComparer.Ordinal)));
    }

    private static async Task<(string Service, PersonalDataExport? Data)> AskAsync(IAsk ask, string service, Guid userId, ILogger logger, CancellationToken ct)
    {
        try
        {
            var answer = await ask.Ask(new ExportPersonalData(userId), service, ct);
            if (answer.Problem is { } problem)
                LogRefused(logger, service, problem.Code);
            return (service, answer.Value);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogFailed(logger, service, e);
            return (service, null);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} did not export a person's data: {Code}")]
    private static partial void LogRefused(ILogger logger, string service, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Service} failed to export a person's data")]
    private static partial void LogFailed(ILogger logger, string service, Exception exception);

    private sealed class Archive(ExportResponse export) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"mneme-export-{export.ExportedAt:yyyy-MM-dd}.json\"";
            return httpContext.Response.WriteAsJsonAsync(export, Json.Options, "application/json", httpContext.RequestAborted);
        }
    }
}
