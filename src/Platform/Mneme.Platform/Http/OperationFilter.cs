using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.Platform.Http;

/// <summary>
/// What every operation of a service has around its handler: validation of its request, one transaction that is committed on success and rolled
/// back on failure, <c>Idempotency-Key</c>, and the mapping of the outcome to HTTP.
/// </summary>
internal sealed class OperationFilter(ServiceDescription service)
{
    public EndpointFilterDelegate Create(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        var types = context.MethodInfo.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        int[] requests = [.. Enumerable.Range(0, types.Length).Where(i => types[i].IsClass && types[i].Name.EndsWith("Request", StringComparison.Ordinal) && !typeof(HttpRequest).IsAssignableFrom(types[i]))];
        int[] validated = [.. requests.Where(i => RequestValidation.AppliesTo(types[i]))];
        var serviceIdentity = service.Name;
        return async invocation =>
        {
            var http = invocation.HttpContext;
            http.RequestServices.GetRequiredService<CurrentService>().Name = serviceIdentity;
            foreach (var index in validated)
            {
                if (invocation.Arguments[index] is { } request && RequestValidation.Validate(request) is { } invalid)
                    return OutcomeResult.Of(invalid);
            }

            return service.Database is null || IsRead(http.Request.Method) ? ToResult(await next(invocation)) : await ChangeAsync(invocation, next, requests);
        };
    }

    private async ValueTask<object?> ChangeAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next, int[] requests)
    {
        var http = invocation.HttpContext;
        var services = http.RequestServices;
        var signals = services.GetRequiredKeyedService<ServiceSignals>(service.Name);
        var actor = (http.User as ActorPrincipal)?.Actor;
        var key = actor is null ? null : http.Request.Headers["Idempotency-Key"].ToString();
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<OwnTransactionMetadata>() is not null || string.IsNullOrEmpty(key) && metadata?.GetMetadata<SingleStatementMetadata>() is not null)
        {
            var result = ToResult(await next(invocation));
            signals.Committed();
            return result;
        }

        var db = (ServiceDb)services.GetRequiredService(service.Database!);
        var ct = http.RequestAborted;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        Idempotency? idempotency = null;
        if (!string.IsNullOrEmpty(key))
        {
            idempotency = new Idempotency(db, actor!.UserId, key, http, requests.Select(i => invocation.Arguments[i]));
            if (await idempotency.FindAsync(ct) is { } earlier)
                return earlier;
        }

        var outcome = await next(invocation);
        if (outcome is IOutcome { Problem: not null } or IStatusCodeHttpResult { StatusCode: >= 400 })
        {
            // Leaving without commit rolls back: bad input changes nothing. Some failures leave a mark all the same, such as a failed login.
            if (http.Items.ContainsKey(KeepChangesKey))
                await CommitAsync(db, transaction, signals, ct);
            return ToResult(outcome);
        }

        if (idempotency is not null && outcome is IOutcome success)
            await idempotency.StoreAsync(success, services.GetRequiredService<TimeProvider>().GetUtcNow(), ct);
        await CommitAsync(db, transaction, signals, ct);
        return ToResult(outcome);
    }

    private static readonly object KeepChangesKey = new();

    /// <summary>Commits what the handler changed although it answers with a problem: a counted failure, a revoked family of tokens.</summary>
    internal static void KeepChanges(HttpContext http) => http.Items[KeepChangesKey] = true;

    private static async Task CommitAsync(ServiceDb db, Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction, ServiceSignals signals, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(CancellationToken.None);
        signals.Committed();
    }

    private static object? ToResult(object? value) => value is IOutcome outcome ? OutcomeResult.Of(outcome) : value;

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}
