using System.Text.Json;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.Platform.Asking;

/// <summary>Asks the services in this process directly, and the others over HTTP/2 or the broker if there is a way to them.</summary>
internal sealed class Asker(CurrentService asker, LocalAnswers local, RemoteAsk? remote = null) : IAsk
{
    public async Task<Outcome<TResponse>> Ask<TResponse>(IAsk<TResponse> request, string service, CancellationToken ct)
        where TResponse : class
    {
        var type = AskType.Of(request.GetType());
        if (!type.Contract.MayBeAskedBy(asker.Name))
            throw new InvalidOperationException($"'{asker.Name}' may not ask {type.Contract.Name}: its contract names {string.Join(", ", type.Contract.AskedBy)}.");
        var json = JsonSerializer.Serialize(request, type.Clr, Json.Options);
        var reply = await ReplyAsync(type, service, json, ct);
        return reply.Problem is { } problem ? problem : JsonSerializer.Deserialize<TResponse>(reply.Response!, Json.Options)!;
    }

    private Task<AskReply> ReplyAsync(AskType type, string service, string request, CancellationToken ct)
    {
        if (local.Has(service))
        {
            var answer = local.Find(service, type.Contract.Name) ?? throw new InvalidOperationException($"'{service}' does not answer {type.Contract.Name}.");
            return local.AnswerAsync(service, answer, request, TimeSpan.FromSeconds(type.Contract.DeadlineSeconds), ct);
        }

        return remote?.AskAsync(asker.Name, service, type.Contract, request, ct)
            ?? throw new InvalidOperationException($"'{service}' does not run in this process, and it is not configured where it does (Ask__Addresses__{service}).");
    }
}
