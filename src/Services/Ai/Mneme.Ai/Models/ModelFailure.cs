using System.Net;
using Mneme.Platform.Domain;

namespace Mneme.Ai.Models;

/// <summary>Ways in which a call to a model fails.</summary>
internal enum ModelFailureKind
{
    /// <summary>Too many calls or tokens in a short time (429).</summary>
    RateLimited,

    /// <summary>The provider is overloaded, broken or not reachable.</summary>
    Unavailable,

    /// <summary>No answer within the time limit of a call.</summary>
    TimedOut,

    /// <summary>A success whose body is not what the protocol says, or that ends early.</summary>
    Unreadable,

    /// <summary>The key is wrong or may not do this.</summary>
    CredentialsRefused,

    /// <summary>The account at the provider has no credit.</summary>
    CreditExhausted,

    /// <summary>There is no such model or address.</summary>
    ModelUnknown,

    /// <summary>The text does not fit the model.</summary>
    TooLong,

    /// <summary>The provider does not want to deal with this content.</summary>
    ContentRefused,

    /// <summary>The provider refuses the request for another reason.</summary>
    RequestRefused,
}

/// <summary>A failed call.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="MayBeBilled">Whether the provider may charge for it all the same: it took the request, and what became of it is not known.</param>
/// <param name="RetryAfter">When the provider wants to be asked again.</param>
internal sealed record ModelFailure(ModelFailureKind Kind, bool MayBeBilled = false, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether the same call may succeed later.</summary>
    public bool IsTransient => Kind is ModelFailureKind.RateLimited or ModelFailureKind.Unavailable or ModelFailureKind.TimedOut or ModelFailureKind.Unreadable;

    /// <summary>Whether it says that the provider is not well; a refused key or text does not.</summary>
    public bool IsOutage => Kind is ModelFailureKind.Unavailable or ModelFailureKind.TimedOut or ModelFailureKind.Unreadable;

    /// <summary>The failure in words for the person whose text it was.</summary>
    public Problem ToProblem(string provider) => Kind switch
    {
        ModelFailureKind.RateLimited => Problem.Unavailable("ai-rate-limited", $"The AI provider {provider} takes no more requests at the moment. Try again later.", RetryAfter ?? TimeSpan.FromSeconds(30)),
        ModelFailureKind.Unavailable => Problem.Unavailable("ai-unavailable", $"The AI provider {provider} is not available at the moment. Try again later.", RetryAfter ?? TimeSpan.FromSeconds(30)),
        ModelFailureKind.TimedOut => Problem.Unavailable("ai-timeout", $"The AI provider {provider} did not answer in time. Try again later.", RetryAfter ?? TimeSpan.FromSeconds(30)),
        ModelFailureKind.Unreadable => Problem.Unavailable("ai-unreadable", $"The AI provider {provider} gave an answer that could not be read. Try again later.", TimeSpan.FromSeconds(30)),
        ModelFailureKind.CredentialsRefused => Problem.Unprocessable("ai-credentials-refused", $"The AI provider {provider} refuses the key of this installation. An administrator must check it."),
        ModelFailureKind.CreditExhausted => Problem.Unprocessable("ai-credit-exhausted", $"The account of this installation at the AI provider {provider} has no credit left. An administrator must see to it."),
        ModelFailureKind.ModelUnknown => Problem.Unprocessable("ai-model-unknown", $"The AI provider {provider} does not know the configured model or address. An administrator must check the configuration."),
        ModelFailureKind.TooLong => Problem.Unprocessable("ai-text-too-long", "The text is too long for the AI model. Capture it in smaller parts."),
        ModelFailureKind.ContentRefused => Problem.Unprocessable("ai-content-refused", $"The AI provider {provider} declined to work on this text."),
        _ => Problem.Unprocessable("ai-request-refused", $"The AI provider {provider} refused the request. An administrator finds the reason in the log."),
    };
}

/// <summary>Carries a <see cref="ModelFailure"/> through a provider's client library.</summary>
internal sealed class ModelException(ModelFailure failure, HttpStatusCode? status = null, Exception? inner = null) : Exception(failure.Kind.ToString(), inner)
{
    public ModelFailure Failure { get; } = failure;

    public HttpStatusCode? Status { get; } = status;

    /// <summary>What an exception that came out of a client library means.</summary>
    public static ModelException Of(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is ModelException model)
                return model;
        }

        // The transport is ours and throws ModelException; whatever else the library throws, it is about a body that it could not read.
        return new ModelException(new ModelFailure(ModelFailureKind.Unreadable, MayBeBilled: true), inner: exception);
    }
}
