using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Observability;
using Mneme.Platform.Persistence;
using Mneme.Platform.Services;

namespace Mneme.Platform.Asking;

/// <summary>Writes down that somebody asked what it may not ask: in the log, in the metrics, and in the answering service's audit trail if it stores anything.</summary>
internal sealed partial class AskRefusals(ServiceRegistry registry, IServiceScopeFactory scopes, TimeProvider time, ILogger<AskRefusals> logger)
{
    public async Task TellAsync(string service, string request, string asker, string? address, CancellationToken ct)
    {
        LogRefused(asker, service, request);
        AskMetrics.Refused(service, request);
        if (registry.Find(service)?.Database is not { } database)
            return;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CurrentService>().Name = service;
            var db = (ServiceDb)scope.ServiceProvider.GetRequiredService(database);
            db.Record(time.GetUtcNow(), "ask.refused", actorId: null, subjectId: null, "asker-not-allowed", address, new { Asker = asker, Request = request });
            await db.SaveChangesAsync(ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            // The refusal stands, and the log has it.
            LogNotAudited(service, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Asker}' asked '{Service}' {Request} and is refused: the contract does not name that asker")]
    private partial void LogRefused(string asker, string service, string request);

    [LoggerMessage(Level = LogLevel.Error, Message = "The refusal could not be added to the audit trail of {Service}")]
    private partial void LogNotAudited(string service, Exception exception);
}
