using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mneme.IntegrationTests.Notify;

/// <summary>What the stand-in took.</summary>
/// <param name="From">The reverse path.</param>
/// <param name="To">The recipient.</param>
/// <param name="Content">The message without the doubled dots.</param>
/// <param name="WasSecure">Whether it came over TLS.</param>
/// <param name="User">Who had authenticated; null for nobody.</param>
internal sealed record TakenMail(string From, string To, string Content, bool WasSecure, string? User);

/// <summary>A mail server on a port of this machine, written from RFC 5321, RFC 3207 and RFC 4954, that can be told how to behave.</summary>
internal sealed class SmtpStandIn : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public SmtpStandIn(string certificateName = "localhost")
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={certificateName}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(certificateName);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public X509Certificate2 Certificate { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool OffersStartTls { get; init; } = true;

    /// <summary>Mechanisms after AUTH; null for none.</summary>
    public string? Authentication { get; init; }

    public (string User, string Password) Account { get; init; } = ("mneme", "correct horse ü");

    /// <summary>Says nothing at all.</summary>
    public bool IsMute { get; init; }

    /// <summary>Does not answer QUIT.</summary>
    public bool HoldsOn { get; init; }

    /// <summary>Replies to RCPT, one for each; then 250.</summary>
    public ConcurrentQueue<string> RecipientReplies { get; } = new();

    /// <summary>Replies to the end of the data, one for each; then 250.</summary>
    public ConcurrentQueue<string> DataReplies { get; } = new();

    public ConcurrentQueue<TakenMail> Taken { get; } = new();

    public ConcurrentQueue<string> Commands { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        Certificate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            if (IsMute)
                await Task.Delay(Timeout.Infinite, _stop.Token);
            await TalkAsync(new Wire(client.GetStream(), _stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client is gone, or the test is over.
        }
    }

    private async Task TalkAsync(Wire wire)
    {
        var (isSecure, user, from, to) = (false, (string?)null, "", "");
        await wire.SayAsync("220-stand-in.example.org\r\n220 at your service");
        while (await wire.HearAsync() is { } line)
        {
            Commands.Enqueue(line);
            var words = line.Split(' ');
            switch (words[0])
            {
                case "EHLO":
                    var extensions = new List<string> { "stand-in.example.org greets you", "8BITMIME" };
                    if (OffersStartTls && !isSecure)
                        extensions.Add("STARTTLS");
                    if (Authentication is not null && (isSecure || !OffersStartTls))
                        extensions.Add("AUTH " + Authentication);
                    await wire.SayAsync(string.Join("\r\n", extensions.Select((text, i) => $"250{(i == extensions.Count - 1 ? ' ' : '-')}{text}")));
                    break;
                case "STARTTLS":
                    await wire.SayAsync("220 go ahead");
                    await wire.SecureAsync(Certificate);
                    isSecure = true;
                    break;
                case "AUTH":
                    user = await LoginAsync(wire, words);
                    await wire.SayAsync(user is null ? "535 5.7.8 wrong user or password" : "235 welcome");
                    break;
                case "MAIL":
                    from = Path(line);
                    await wire.SayAsync(Authentication is not null && user is null ? "530 5.7.0 authentication required" : "250 ok");
                    break;
                case "RCPT":
                    to = Path(line);
                    await wire.SayAsync(RecipientReplies.TryDequeue(out var refusal) ? refusal : "250 ok");
                    break;
                case "DATA":
                    await wire.SayAsync("354 end with a dot");
                    var content = new StringBuilder();
                    while (await wire.HearAsync() is { } text and not ".")
                        content.Append(text.StartsWith("..", StringComparison.Ordinal) ? text[1..] : text).Append("\r\n");
                    var reply = DataReplies.TryDequeue(out var said) ? said : "250 taken";
                    if (reply.StartsWith('2'))
                        Taken.Enqueue(new TakenMail(from, to, content.ToString(), isSecure, user));
                    await wire.SayAsync(reply);
                    break;
                case "QUIT":
                    if (HoldsOn)
                        await Task.Delay(Timeout.Infinite, _stop.Token);
                    await wire.SayAsync("221 bye");
                    return;
                default:
                    await wire.SayAsync("500 what?");
                    break;
            }
        }
    }

    private async Task<string?> LoginAsync(Wire wire, string[] words)
    {
        string user, password;
        if (words[1] == "PLAIN")
        {
            var parts = Decode(words[2]).Split('\0');
            (user, password) = (parts[1], parts[2]);
        }
        else
        {
            await wire.SayAsync("334 VXNlcm5hbWU6");
            user = Decode((await wire.HearAsync())!);
            await wire.SayAsync("334 UGFzc3dvcmQ6");
            password = Decode((await wire.HearAsync())!);
        }

        return (user, password) == Account ? user : null;
    }

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private static string Path(string line) => line[(line.IndexOf('<') + 1)..line.IndexOf('>')];

    private sealed class Wire(Stream stream, CancellationToken ct)
    {
        private Stream _stream = stream;

        public async Task SayAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), ct);

        public async Task<string?> HearAsync()
        {
            var line = new List<byte>();
            var one = new byte[1];
            while (await _stream.ReadAsync(one, ct) > 0)
            {
                if (one[0] == '\n')
                {
                    line[^1].ShouldBe((byte)'\r');
                    return Encoding.UTF8.GetString([.. line[..^1]]);
                }

                line.Add(one[0]);
            }

            return null;
        }

        public async Task SecureAsync(X509Certificate2 certificate)
        {
            var secure = new SslStream(_stream);
            await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, ct);
            _stream = secure;
        }
    }
}
