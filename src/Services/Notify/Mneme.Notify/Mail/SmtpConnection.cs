using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mneme.Notify.Mail;

/// <param name="Code">Three digits.</param>
/// <param name="Lines">The text of each line, without the code.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    /// <summary>The reply as it may be logged: servers like to repeat the address that they refuse.</summary>
    public SmtpReply Without(MailAddress recipient) =>
        this with { Lines = [.. Lines.Select(line => line.Replace(recipient.ToString(), "the recipient", StringComparison.OrdinalIgnoreCase))] };

    public override string ToString() => $"{Code} {string.Join(' ', Lines)}";
}

/// <summary>Commands and replies over one connection. Bounded: a server cannot make it read without end.</summary>
internal sealed class SmtpConnection(TcpClient client) : IAsyncDisposable
{
    private const int MaxLine = 2048;
    private const int MaxLines = 100;

    private readonly byte[] _buffer = new byte[4096];
    private Stream _stream = client.GetStream();
    private int _start;
    private int _end;

    /// <summary>Our name as an address literal: a machine behind NAT has no name that a server could check.</summary>
    public string LocalName { get; } = client.Client.LocalEndPoint switch
    {
        IPEndPoint { Address: { IsIPv4MappedToIPv6: true } address } => $"[{address.MapToIPv4()}]",
        IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 } endpoint => $"[IPv6:{new IPAddress(endpoint.Address.GetAddressBytes())}]",
        IPEndPoint endpoint => $"[{endpoint.Address}]",
        _ => "[127.0.0.1]",
    };

    /// <exception cref="AuthenticationException">The certificate is not trusted, or not the host's.</exception>
    public async Task SecureAsync(string host, X509ChainPolicy? policy, CancellationToken ct)
    {
        // Whatever came with the answer to STARTTLS was sent by somebody who could not read it encrypted.
        if (_start != _end)
            throw new IOException("the server went on in the clear after STARTTLS.");
        var secure = new SslStream(_stream);
        _stream = secure;
        await secure.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = policy,
            },
            ct);
    }

    public async Task<SmtpReply> CommandAsync(string command, CancellationToken ct)
    {
        // Addresses and names were parsed; this is the last line of defence.
        if (command.AsSpan().ContainsAny('\r', '\n'))
            throw new InvalidOperationException("An SMTP command is one line.");
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), ct);
        return await ReadReplyAsync(ct);
    }

    /// <summary>Sends a message whose lines end with CRLF; a leading dot is doubled (RFC 5321 §4.5.2).</summary>
    public async Task<SmtpReply> DataAsync(string message, CancellationToken ct)
    {
        var stuffed = (message.StartsWith('.') ? "." : "") + message.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(stuffed + (stuffed.EndsWith("\r\n", StringComparison.Ordinal) ? "" : "\r\n") + ".\r\n"), ct);
        return await ReadReplyAsync(ct);
    }

    /// <summary>Says goodbye. The mail is taken by now, so nothing that happens here matters.</summary>
    public async Task QuitAsync(CancellationToken ct)
    {
        try
        {
            await CommandAsync("QUIT", ct);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The server has the mail.
        }
    }

    public async Task<SmtpReply> ReadReplyAsync(CancellationToken ct)
    {
        var lines = new List<string>();
        while (lines.Count < MaxLines)
        {
            var line = await ReadLineAsync(ct);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), System.Globalization.NumberStyles.None, null, out var code) || line.Length > 3 && line[3] is not (' ' or '-'))
                throw new IOException("the server does not speak SMTP.");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
                return new SmtpReply(code, lines);
        }

        throw new IOException("the server's reply has no end.");
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();

    private async Task<string> ReadLineAsync(CancellationToken ct)
    {
        var line = new List<byte>();
        while (true)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await _stream.ReadAsync(_buffer, ct));
                if (_end == 0)
                    throw new IOException("the server closed the connection.");
            }

            var next = _buffer[_start++];
            if (next == '\n')
                return new string([.. Encoding.UTF8.GetString([.. line]).Where(c => !char.IsControl(c))]);
            if (line.Count == MaxLine)
                throw new IOException("the server sends a line without end.");
            line.Add(next);
        }
    }
}
