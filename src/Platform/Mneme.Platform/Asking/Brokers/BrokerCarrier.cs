using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Platform.Asking.Brokers;

/// <summary>
/// Asks over the broker. The broker knows who listens, so there is one address for each service. A request is signed with the asker's key, and a reply counts only if the service that was meant has
/// signed it for this very request.
/// </summary>
internal sealed partial class BrokerCarrier(IAskBroker broker, ServiceCertificates certificates, Signers signers, AskOptions options, TimeProvider time, ILogger<BrokerCarrier> logger) : IAskCarrier
{
    public ValueTask<IReadOnlyList<Uri>> FindAsync(string service, CancellationToken ct) => ValueTask.FromResult<IReadOnlyList<Uri>>([new Uri("broker:" + service)]);

    public async Task<Attempt> SendAsync(AskCall call, Uri address, CancellationToken deadline, CancellationToken caller)
    {
        if (call.Body.Length > options.MaxBytes)
            return new Attempt(AttemptKind.Failed, Reason: "the request is larger than Ask__MaxBytes");
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var left = call.Left();
        if (left <= TimeSpan.Zero)
            return Late;
        try
        {
            return Read(call, id, await broker.AskAsync(new AskRequestMessage(call.Service, id.ToString(), replyTo => Compose(call, id, left, replyTo), left), deadline));
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return Late;
        }
        catch (AskNotSentException e)
        {
            return new Attempt(AttemptKind.NotSent, Reason: e.Message);
        }
        catch (AskLostException e)
        {
            return new Attempt(AttemptKind.Lost, Reason: e.Message);
        }
    }

    private static Attempt Late => new(AttemptKind.DeadlinePassed, Reason: "no answer within the deadline");

    private ReadOnlyMemory<byte> Compose(AskCall call, Guid id, TimeSpan left, string replyTo)
    {
        var own = certificates.Of(call.Asker).Certificate;
        var head = new AskRequestHead(
            call.Service, call.Contract.Name, id, call.RequestId, time.GetUtcNow().ToUnixTimeMilliseconds(), Math.Max(1, (long)left.TotalMilliseconds), replyTo, own.RawData,
            Activity.Current?.Id, Activity.Current?.TraceStateString);
        return SignedMessage.Write(SignedMessage.Request, head, call.Body, own);
    }

    private Attempt Read(AskCall call, Guid id, ReadOnlyMemory<byte> bytes)
    {
        if (SignedMessage.Read<AskReplyHead>(SignedMessage.Reply, bytes) is not { } reply)
            return NotBelieved(call.Service, "it is no reply");
        var peer = signers.Verify(reply, reply.Head.Certificate, CertificateAuthority.ServerAuthentication);
        if (peer.Service is null)
            return NotBelieved(call.Service, peer.Refusal!);
        if (peer.Service != call.Service)
            return NotBelieved(call.Service, $"its certificate is of '{peer.Service}'");
        return reply.Head.Id == id ? AskWire.Read(reply.Head.Status, reply.Body.Span) : NotBelieved(call.Service, "it answers another request");
    }

    /// <summary>Somebody took the request, or put a reply in between: whether the service got it, nobody can tell.</summary>
    private Attempt NotBelieved(string service, string reason)
    {
        LogNotBelieved(service, reason);
        return new Attempt(AttemptKind.Lost, Reason: "who answers is not believed: " + reason);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Who answers for {Service} is not believed: {Reason}")]
    private partial void LogNotBelieved(string service, string reason);
}
