using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.Platform.Asking;

/// <summary>
/// Answers of the services in this process, whoever asks: in a scope of its own with no ambient transaction, within the deadline, from JSON to JSON, so
/// that an ask behaves the same from next door and from another machine.
/// </summary>
internal sealed class LocalAnswers(ServiceRegistry registry, IServiceScopeFactory scopes)
{
    public bool Has(string service) => registry.Find(service) is not null;

    /// <summary>A service's answer to a request by its name on the wire; null if it has none, or does not run here.</summary>
    public AskAnswer? Find(string service, string request) => registry.Find(service)?.Answers.FirstOrDefault(answer => answer.Type.Contract.Name == request);

    /// <returns>The answer, or the problem; that the deadline passed is one.</returns>
    public async Task<AskReply> AnswerAsync(string service, AskAnswer answer, string request, TimeSpan limit, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(limit);
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = service;
        try
        {
            return await answer.AnswerAsync(request, scope.ServiceProvider, deadline.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new AskReply(null, DeadlinePassed(service, answer.Type.Contract));
        }
    }

    public static Problem DeadlinePassed(string service, AskAttribute contract) =>
        Problem.Unavailable("deadline-passed", $"{service} did not answer {contract.Name} within {contract.DeadlineSeconds} s.");
}
