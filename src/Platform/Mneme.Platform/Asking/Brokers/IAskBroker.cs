using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Messaging;

namespace Mneme.Platform.Asking.Brokers;

/// <summary>A backend that asks can travel over as well as events (<c>Ask__Transport=Broker</c>).</summary>
public interface IAskingBackend : IMessagingBackend
{
    /// <summary>Registers the adapter's <see cref="IAskBroker"/> and what it needs, with or without the adapter's transport of events.</summary>
    void RegisterAsking(IServiceCollection services, IConfiguration configuration);
}

/// <summary>
/// Carries requests to whoever answers for a service, each to one of them, and replies back. What it carries is signed and read by the platform; a broker neither knows nor
/// is asked who may ask what.
/// </summary>
public interface IAskBroker
{
    /// <summary>Sends a request once and waits for its reply.</summary>
    /// <param name="request">What is sent.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>The reply as it arrived.</returns>
    /// <exception cref="AskNotSentException">Nobody can have received it: there is no connection, or nobody answers for the service.</exception>
    /// <exception cref="AskLostException">It was on its way when the connection broke.</exception>
    Task<ReadOnlyMemory<byte>> AskAsync(AskRequestMessage request, CancellationToken ct);

    /// <summary>Takes requests to a service until it is told to stop, or the connection is lost. Several instances share them.</summary>
    /// <param name="service">The service that answers.</param>
    /// <param name="concurrency">How many requests it may have in hand.</param>
    /// <param name="answer">Answers one; null if there is nobody to answer to. Does not throw.</param>
    /// <param name="taking">Called once requests arrive.</param>
    /// <param name="stop">From then on no request is taken. What was taken is answered before this returns.</param>
    Task ServeAsync(string service, int concurrency, Func<AskDelivery, Task<AskReplyMessage?>> answer, Action taking, CancellationToken stop);
}

/// <param name="Service">The service that is to answer.</param>
/// <param name="Id">The reply's correlation id; no other request has it.</param>
/// <param name="Compose">Makes the message for the address that its reply is to go to.</param>
/// <param name="TimeToLive">After this nobody waits for the reply, so the broker need not keep the request; more than zero.</param>
public sealed record AskRequestMessage(string Service, string Id, Func<string, ReadOnlyMemory<byte>> Compose, TimeSpan TimeToLive);

/// <param name="Content">The message as it was composed.</param>
/// <param name="IsRepeated">The broker has delivered it before, to somebody who ended, or whose connection did, without an answer.</param>
public sealed record AskDelivery(ReadOnlyMemory<byte> Content, bool IsRepeated);

/// <param name="ReplyTo">The address that the request named.</param>
/// <param name="Id">The request's id.</param>
/// <param name="Content">The reply.</param>
/// <param name="TimeToLive">After this nobody waits for it.</param>
public sealed record AskReplyMessage(string ReplyTo, string Id, ReadOnlyMemory<byte> Content, TimeSpan TimeToLive);

/// <summary>A request was not sent; nobody can have received it.</summary>
public sealed class AskNotSentException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A request may or may not have been received and answered: the way to the broker broke.</summary>
public sealed class AskLostException(string message, Exception? inner = null) : Exception(message, inner);
