using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Platform.Asking.Brokers;

/// <summary>
/// Answers what comes over the broker. Anybody with access to it can put anything there, so nothing counts before the signature is verified: by a service's certificate, for this service, within the deadline,
/// and never twice. Then the contract decides who may ask, as over HTTP/2.
/// </summary>
internal sealed partial class BrokerAnswers(
    LocalAnswers answers, Signers signers, ServiceCertificates certificates, SeenRequests seen, AskRefusals refusals, AskOptions options, TimeProvider time, ILogger<BrokerAnswers> logger)
{
    /// <summary>How far ahead of ours an asker's clock may be. What one that is behind costs is its own: its deadlines pass sooner.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <param name="service">The service for which it came.</param>
    /// <param name="delivery">What came.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>The reply; null if there is nobody to reply to.</returns>
    public async Task<AskReplyMessage?> AnswerAsync(string service, AskDelivery delivery, CancellationToken ct)
    {
        if (SignedMessage.Read<AskRequestHead>(SignedMessage.Request, delivery.Content) is not { Head.IsSound: true } message)
        {
            LogMalformed(service);
            return null;
        }

        var head = message.Head;
        var peer = signers.Verify(message, head.Certificate, CertificateAuthority.ClientAuthentication);
        if (peer.Service is null)
        {
            // It may be a service whose certificate is being renewed at this moment: it asks again, with the one it has then.
            LogStranger(service, peer.Refusal!);
            return Reply(service, head, AskWire.NotBelieved, []);
        }

        if (!IsFresh(service, head, peer.Service))
            return null;
        switch (seen.TryAdd(peer.Service, head.Id, head.End))
        {
            case null:
                LogTooMany(service);
                return Reply(service, head, AskWire.Unsure, []);
            // That it delivers again the broker itself says; nobody who puts something there can make it say so.
            case false when !delivery.IsRepeated:
                LogReplayed(peer.Service, service, head.Request, head.RequestId);
                return null;
        }

        return await AnswerAsync(service, head, peer.Service, message.Body, delivery.IsRepeated, ct);
    }

    /// <summary>Answers a request whose asker and freshness are proven.</summary>
    private async Task<AskReplyMessage?> AnswerAsync(string service, AskRequestHead head, string asker, ReadOnlyMemory<byte> body, bool isRepeated, CancellationToken ct)
    {
        if (answers.Find(service, head.Request) is not { } answer)
            return Reply(service, head, AskWire.Unknown, []);
        if (!answer.Type.Contract.MayBeAskedBy(asker))
        {
            await refusals.TellAsync(service, head.Request, asker, address: null, ct);
            return Reply(service, head, AskWire.Refused, []);
        }

        // Whoever had it before may have answered it, and only the answer did not get through.
        if (isRepeated && !answer.Type.Contract.IsIdempotent)
            return Reply(service, head, AskWire.Unsure, []);
        using var span = AskMetrics.StartAnswering(service, head.Request, asker, head.TraceParent, head.TraceState, head.RequestId);
        var (status, response) = await RunAsync(service, answer, head, body, ct);
        return Reply(service, head, status, response);
    }

    /// <summary>Whether somebody still waits, and it is not kept back to be used one day.</summary>
    private bool IsFresh(string service, AskRequestHead head, string asker)
    {
        var now = time.GetUtcNow();
        if (head.Service != service)
            LogElsewhere(asker, head.Service, service);
        else if (DateTimeOffset.FromUnixTimeMilliseconds(head.SentAt) > now + Skew)
            LogFuture(asker, service, (DateTimeOffset.FromUnixTimeMilliseconds(head.SentAt) - now).TotalSeconds);
        else if (head.End <= now)
            LogLate(asker, service, head.Request, (now - head.End).TotalSeconds);
        else
            return true;
        return false;
    }

    private async Task<(int Status, byte[] Body)> RunAsync(string service, AskAnswer answer, AskRequestHead head, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var (left, granted) = (head.End - time.GetUtcNow(), TimeSpan.FromSeconds(answer.Type.Contract.DeadlineSeconds));
        try
        {
            var reply = await answers.AnswerAsync(service, answer, Encoding.UTF8.GetString(body.Span), left < granted ? left > TimeSpan.Zero ? left : TimeSpan.Zero : granted, ct);
            if (reply.Problem is { } problem)
                return (AskWire.Problem, JsonSerializer.SerializeToUtf8Bytes(problem, Json.Options));
            var response = Encoding.UTF8.GetBytes(reply.Response!);
            if (response.Length <= options.MaxBytes)
                return (AskWire.Answered, response);
            LogTooLarge(service, head.Request, response.Length);
            return (AskWire.Failed, []);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return (AskWire.Unsure, []);
        }
        catch (Exception e)
        {
            // Broken infrastructure is told as such; a bug stays in this log.
            if (ExceptionToProblem.Of(e) is { Kind: ProblemKind.Unavailable } unavailable)
                return (AskWire.Problem, JsonSerializer.SerializeToUtf8Bytes(unavailable, Json.Options));
            LogFailed(service, head.Request, head.RequestId, e);
            return (AskWire.Failed, []);
        }
    }

    private AskReplyMessage? Reply(string service, AskRequestHead head, int status, byte[] body)
    {
        var left = head.End - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
            return null;
        var own = certificates.Of(service).Certificate;
        return new AskReplyMessage(head.ReplyTo, head.Id.ToString(), SignedMessage.Write(SignedMessage.Reply, new AskReplyHead(head.Id, status, own.RawData), body, own), left);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came for {Service} over the broker is no request, and is dropped")]
    private partial void LogMalformed(string service);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request to {Service} over the broker is refused: {Reason}")]
    private partial void LogStranger(string service, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request of '{Asker}' to {Service} came for {Other} and is dropped: somebody has moved it")]
    private partial void LogElsewhere(string asker, string service, string other);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request of '{Asker}' to {Service} was sent {Seconds} s from now and is dropped: set the clocks of both machines")]
    private partial void LogFuture(string asker, string service, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "A request of '{Asker}' to {Service} ({Request}) came {Seconds} s after its deadline and is dropped")]
    private partial void LogLate(string asker, string service, string request, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request of '{Asker}' to {Service} ({Request}, request {RequestId}) came a second time and is dropped: somebody has copied it")]
    private partial void LogReplayed(string asker, string service, string request, string requestId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Service} takes no request at the moment: more have come within their deadlines than can be remembered")]
    private partial void LogTooMany(string service);

    [LoggerMessage(Level = LogLevel.Error, Message = "The answer of {Service} to {Request} has {Bytes} bytes, more than Ask__MaxBytes")]
    private partial void LogTooLarge(string service, string request, int bytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Service} failed to answer {Request} (request {RequestId})")]
    private partial void LogFailed(string service, string request, string requestId, Exception exception);
}
