using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mneme.Platform.Http;

/// <summary>
/// Cancels an operation that takes too long, through the token that handlers get anyway. The transaction rolls back, and the caller reads 503. What a caller
/// waits for on purpose declares <see cref="DeadlineConventions.Deadline"/> or <see cref="DeadlineConventions.NoDeadline"/>.
/// </summary>
internal sealed class Deadlines(RequestDelegate next, HttpOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var deadline = context.GetEndpoint()?.Metadata.GetMetadata<DeadlineMetadata>()?.Deadline ?? options.RequestTimeout;
        return deadline == Timeout.InfiniteTimeSpan ? next(context) : WithinAsync(deadline, context);
    }

    private async Task WithinAsync(TimeSpan deadline, HttpContext context)
    {
        // Restored afterwards: what the error handling asks of it is whether the caller went away.
        var aborted = context.RequestAborted;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        limit.CancelAfter(deadline);
        context.RequestAborted = limit.Token;
        try
        {
            await next(context);
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }
}

/// <summary>Metadata: the operation's own time limit; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
internal sealed record DeadlineMetadata(TimeSpan Deadline);

public static class DeadlineConventions
{
    /// <summary>Gives the operation a time limit of its own instead of <c>Http__RequestTimeout</c>.</summary>
    public static TBuilder Deadline<TBuilder>(this TBuilder builder, TimeSpan deadline)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new DeadlineMetadata(deadline)));
        return builder;
    }

    /// <summary>For long polling and streams, which end when the caller leaves or the program stops.</summary>
    public static TBuilder NoDeadline<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.Deadline(Timeout.InfiniteTimeSpan);
}
