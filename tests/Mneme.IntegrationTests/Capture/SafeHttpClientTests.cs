using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.IntegrationTests.Capture;

public sealed class SafeHttpClientTests : IAsyncLifetime
{
    private static readonly string[] Html = ["text/html", "text/plain"];

    private readonly StandInSite _site = new();

    public async ValueTask InitializeAsync() => await _site.StartAsync();

    public async ValueTask DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_page_is_fetched_with_nothing_told_but_who_asks()
    {
        IHeaderDictionary? received = null;
        var address = _site.Add(async context =>
        {
            received = new HeaderDictionary(context.Request.Headers.ToDictionary());
            context.Response.ContentType = "Text/HTML; charset=\"ISO-8859-1\"";
            await context.Response.Body.WriteAsync("gr\u00fc\u00dfe"u8.ToArray());
        });
        using var activity = new System.Diagnostics.Activity("test").Start();
        using var client = Client();
        var response = await client.GetAsync(address, Html, CancellationToken.None);
        response.Address.ShouldBe(address);
        response.MediaType.ShouldBe("text/html");
        response.Charset.ShouldBe("ISO-8859-1");
        response.Body.ShouldBe("gr\u00fc\u00dfe"u8.ToArray());
        received!.Keys.Order().ShouldBe(["Accept", "Accept-Encoding", "Host", "User-Agent"]);
        received["User-Agent"].ToString().ShouldStartWith("Mneme/");
    }

    [Fact]
    public async Task Five_redirects_are_followed_and_cookies_are_not_kept()
    {
        var hadCookie = false;
        var address = _site.Add(context =>
        {
            hadCookie = context.Request.Headers.ContainsKey("Cookie");
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<p>Arrived.");
        });
        foreach (var status in new[] { 301, 302, 303, 307, 308 })
        {
            var target = status == 303 ? address.PathAndQuery + "#fragment" : address.AbsoluteUri;
            address = _site.Add(context =>
            {
                context.Response.StatusCode = status;
                context.Response.Headers.Location = target;
                context.Response.Headers.SetCookie = "a=b; Path=/";
                return Task.CompletedTask;
            });
        }

        using var client = Client();
        Encoding.UTF8.GetString((await client.GetAsync(address, Html, CancellationToken.None)).Body).ShouldBe("<p>Arrived.");
        hadCookie.ShouldBeFalse();

        var sixth = Redirect(address.AbsoluteUri);
        (await FailureAsync(client, sixth)).Failure.ShouldBe(OutgoingFailure.TooManyRedirects);
        var loop = new Uri("about:blank");
        loop = _site.Add(context =>
        {
            context.Response.Redirect(loop.AbsoluteUri);
            return Task.CompletedTask;
        });
        (await FailureAsync(client, loop)).Failure.ShouldBe(OutgoingFailure.TooManyRedirects);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/secret")]
    [InlineData("http://2130706433:{0}/secret")]
    [InlineData("http://0x7f.1:{0}/secret")]
    [InlineData("http://[::1]:{0}/secret")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/secret")]
    [InlineData("http://localhost:{0}/secret")]
    [InlineData("http://private.test:{0}/secret")]
    [InlineData("http://mixed.test:{0}/secret")]
    [InlineData("//private.test:{0}/secret")]
    [InlineData("http://user:password@127.0.0.1:{0}/secret")]
    [InlineData("\\\\private.test:{0}\\secret")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1:{0}/secret")]
    public async Task A_redirect_into_the_private_network_is_refused_and_never_called(string location)
    {
        await using var secret = new StandInSite();
        await secret.StartAsync();
        // The other server's port is allowed, so that nothing but its address can be the reason.
        var policy = new OutgoingPolicy($"80,443,{secret.Port}", $"{StandInSite.Host}:{_site.Port}");
        using var client = new SafeHttpClient(policy, (host, _) => Task.FromResult(host switch
        {
            "mixed.test" => new[] { IPAddress.Parse("10.0.0.1"), IPAddress.IPv6Loopback, IPAddress.Loopback },
            "private.test" => [IPAddress.Loopback],
            _ => throw new SocketException((int)SocketError.HostNotFound),
        }));
        var failure = await FailureAsync(client, Redirect(string.Format(location, secret.Port)));
        failure.Failure.ShouldBe(OutgoingFailure.Refused);
        failure.IsTransient.ShouldBeFalse();
        secret.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_is_resolved_once_and_connected_to_as_it_was_checked()
    {
        var answers = new Queue<IPAddress>([IPAddress.Loopback, IPAddress.Parse("10.0.0.1"), IPAddress.Loopback]);
        var page = _site.Add("<p>Hello");
        var policy = new OutgoingPolicy("80", $"rebind.test:{_site.Port}");
        using (var client = new SafeHttpClient(policy, (_, _) => Task.FromResult(new[] { answers.Dequeue() })))
            await client.GetAsync(new UriBuilder(page) { Host = "rebind.test" }.Uri, Html, CancellationToken.None);
        answers.Count.ShouldBe(2);

        // The same, for a name that nobody vouched for: whatever it says, only public addresses are connected to.
        var asked = 0;
        using var strict = new SafeHttpClient(new OutgoingPolicy($"{_site.Port}"), (_, _) => Task.FromResult(new[] { asked++ % 2 == 0 ? IPAddress.Loopback : IPAddress.Parse("10.0.0.1") }));
        for (var i = 0; i < 4; i++)
            (await FailureAsync(strict, new UriBuilder(page) { Host = "rebind.test" }.Uri)).Failure.ShouldBe(OutgoingFailure.Refused);
        asked.ShouldBe(4);
        _site.Requests.ShouldBe(1);
    }

    [Theory]
    [InlineData(404, OutgoingFailure.NotFound, false)]
    [InlineData(410, OutgoingFailure.NotFound, false)]
    [InlineData(401, OutgoingFailure.Denied, false)]
    [InlineData(403, OutgoingFailure.Denied, false)]
    [InlineData(304, OutgoingFailure.Status, false)]
    [InlineData(302, OutgoingFailure.Status, false)]
    [InlineData(418, OutgoingFailure.Status, false)]
    [InlineData(429, OutgoingFailure.Status, true)]
    [InlineData(500, OutgoingFailure.Status, true)]
    [InlineData(503, OutgoingFailure.Status, true)]
    public async Task A_status_says_whether_waiting_helps(int status, OutgoingFailure kind, bool isTransient)
    {
        using var client = Client();
        var failure = await FailureAsync(client, _site.Add(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }));
        (failure.Failure, failure.IsTransient).ShouldBe((kind, isTransient));
        failure.Message.ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("application/pdf")]
    [InlineData("image/png")]
    [InlineData("application/json")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task Only_pages_are_read(string? contentType)
    {
        using var client = Client();
        var failure = await FailureAsync(client, _site.Add(context =>
        {
            context.Response.ContentType = contentType;
            return context.Response.WriteAsync("<html><p>Hello");
        }));
        failure.Failure.ShouldBe(OutgoingFailure.WrongType);
    }

    [Fact]
    public async Task A_body_is_cut_off_at_its_limit_whether_announced_streamed_or_compressed()
    {
        using var client = Client(maxBytes: 100_000);
        var sent = 0L;
        var announced = _site.Add(new string('x', 100_001));
        var endless = _site.Add(async context =>
        {
            context.Response.ContentType = "text/html";
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(new byte[10_000], context.RequestAborted);
                sent += 10_000;
                // At most 10 MB/s: after the client has gone, the server swallows writes at the speed of memory until it notices.
                await Task.Delay(1, context.RequestAborted);
            }
        });
        var bombs = new[] { "gzip", "br", "deflate" }.Select(encoding => _site.Add(context =>
        {
            context.Response.ContentType = "text/html";
            context.Response.Headers.ContentEncoding = encoding;
            return context.Response.Body.WriteAsync(Compressed(encoding, new byte[50_000_000])).AsTask();
        }));
        foreach (var address in (Uri[])[announced, endless, .. bombs])
            (await FailureAsync(client, address)).Failure.ShouldBe(OutgoingFailure.TooLarge);
        sent.ShouldBeLessThan(20_000_000);

        var just = _site.Add(new string('x', 100_000));
        (await client.GetAsync(just, Html, CancellationToken.None)).Body.Length.ShouldBe(100_000);
    }

    [Fact]
    public async Task A_site_that_dawdles_is_given_up_in_time()
    {
        using var client = Client(timeout: TimeSpan.FromSeconds(1));
        var silent = _site.Add(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var dripping = _site.Add(async context =>
        {
            context.Response.ContentType = "text/html";
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (await timer.WaitForNextTickAsync(context.RequestAborted))
                await context.Response.Body.WriteAsync("x"u8.ToArray(), context.RequestAborted);
        });
        foreach (var address in new[] { silent, dripping })
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            var failure = await FailureAsync(client, address);
            (failure.Failure, failure.IsTransient).ShouldBe((OutgoingFailure.TimedOut, true));
            System.Diagnostics.Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        }

        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Should.ThrowAsync<OperationCanceledException>(() => Client().GetAsync(silent, Html, cancelled.Token));
    }

    [Fact]
    public async Task A_compressed_page_is_read_and_a_damaged_one_is_not()
    {
        using var client = Client();
        var whole = _site.Add(context =>
        {
            context.Response.ContentType = "text/html";
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(Compressed("gzip", "<p>Hello"u8.ToArray())).AsTask();
        });
        Encoding.UTF8.GetString((await client.GetAsync(whole, Html, CancellationToken.None)).Body).ShouldBe("<p>Hello");
        var damaged = _site.Add(context =>
        {
            context.Response.ContentType = "text/html";
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync("this is not gzip at all, and long enough to be seen as such");
        });
        (await FailureAsync(client, damaged)).Failure.ShouldBe(OutgoingFailure.Malformed);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", OutgoingFailure.Malformed)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nshort", OutgoingFailure.Unreachable)]
    [InlineData("", OutgoingFailure.Unreachable)]
    public async Task A_server_that_breaks_the_rules_is_a_failure_like_any_other(string answer, OutgoingFailure expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var stop = new CancellationTokenSource();
        var serving = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var connection = await listener.AcceptTcpClientAsync(stop.Token);
                var stream = connection.GetStream();
                _ = await stream.ReadAsync(new byte[4096], stop.Token);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), stop.Token);
            }
        });
        using var client = new SafeHttpClient(new OutgoingPolicy(privateHosts: $"127.0.0.1:{port}"));
        (await FailureAsync(client, new Uri($"http://127.0.0.1:{port}/"))).Failure.ShouldBe(expected);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => serving);
    }

    [Fact]
    public async Task Headers_without_end_are_not_read_to_the_end()
    {
        using var client = Client();
        var address = _site.Add(context =>
        {
            for (var i = 0; i < 100; i++)
                context.Response.Headers[$"X-{i}"] = new string('x', 1000);
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<p>Hello");
        });
        (await FailureAsync(client, address)).Failure.ShouldBe(OutgoingFailure.Malformed);
    }

    [Fact]
    public async Task Nobody_there_and_no_such_name_are_told_apart()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var client = new SafeHttpClient(
            new OutgoingPolicy(privateHosts: $"127.0.0.1:{port}"), (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        var nobody = await FailureAsync(client, new Uri($"http://127.0.0.1:{port}/"));
        (nobody.Failure, nobody.IsTransient).ShouldBe((OutgoingFailure.Unreachable, true));
        var unknown = await FailureAsync(client, new Uri("http://no-such-name.test/"));
        (unknown.Failure, unknown.IsTransient).ShouldBe((OutgoingFailure.Unreachable, false));
        unknown.Message.ShouldContain("no-such-name.test");
    }

    private SafeHttpClient Client(int maxBytes = 5_000_000, TimeSpan? timeout = null) =>
        new(new OutgoingPolicy(privateHosts: $"{StandInSite.Host}:{_site.Port}") { MaxBodyBytes = maxBytes, Timeout = timeout ?? TimeSpan.FromSeconds(30) });

    private Uri Redirect(string location) => _site.Add(context =>
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = location;
        return Task.CompletedTask;
    });

    private static Task<OutgoingException> FailureAsync(SafeHttpClient client, Uri address) =>
        Should.ThrowAsync<OutgoingException>(() => client.GetAsync(address, Html, CancellationToken.None));

    private static byte[] Compressed(string encoding, byte[] bytes)
    {
        using var output = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(output, CompressionLevel.Fastest),
            "br" => new BrotliStream(output, CompressionLevel.Fastest),
            _ => new ZLibStream(output, CompressionLevel.Fastest),
        })
            stream.Write(bytes);
        return output.ToArray();
    }
}
