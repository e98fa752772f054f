using Microsoft.Extensions.Configuration;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Polly.CircuitBreaker;

namespace Mneme.UnitTests.Platform.Asking;

/// <summary>What is repeated, where it goes, and how the wire reads.</summary>
public sealed class AskDecisionTests
{
    private static readonly Uri One = new("https://10.0.0.1:7443");
    private static readonly Uri Two = new("https://10.0.0.2:7443");
    private static readonly Uri Three = new("https://10.0.0.3:7443");

    private readonly ManualClock _clock = new();

    [Theory]
    [InlineData(nameof(AttemptKind.Answered), false, false)]
    [InlineData(nameof(AttemptKind.NotSent), true, true)]
    [InlineData(nameof(AttemptKind.Unknown), true, true)]
    [InlineData(nameof(AttemptKind.Lost), false, true)]
    [InlineData(nameof(AttemptKind.Refused), false, false)]
    [InlineData(nameof(AttemptKind.Failed), false, false)]
    [InlineData(nameof(AttemptKind.DeadlinePassed), false, false)]
    [InlineData(nameof(AttemptKind.CircuitOpen), false, false)]
    [InlineData(nameof(AttemptKind.NoAddress), false, false)]
    public async Task Only_what_is_safe_is_repeated(string kind, bool always, bool ifIdempotent)
    {
        var attempt = new Attempt(Enum.Parse<AttemptKind>(kind));
        foreach (var (isIdempotent, isRepeated) in new[] { (false, always), (true, ifIdempotent) })
        {
            var attempts = 0;
            var pipeline = RemoteAsk.Repetition(new AskOptions { Retries = 2, RetryDelay = TimeSpan.FromMilliseconds(1) }, isIdempotent, TimeProvider.System);
            await pipeline.ExecuteAsync(_ =>
            {
                attempts++;
                return ValueTask.FromResult(attempt);
            }, TestContext.Current.CancellationToken);
            attempts.ShouldBe(isRepeated ? 3 : 1);
        }
    }

    [Fact]
    public async Task Without_retries_there_is_one_attempt()
    {
        var attempts = 0;
        await RemoteAsk.Repetition(new AskOptions { Retries = 0 }, isIdempotent: true, TimeProvider.System).ExecuteAsync(_ =>
        {
            attempts++;
            return ValueTask.FromResult(new Attempt(AttemptKind.NotSent));
        }, TestContext.Current.CancellationToken);
        attempts.ShouldBe(1);
    }

    [Fact]
    public void Addresses_take_turns_and_those_that_were_tried_come_last()
    {
        var book = Book();
        var first = Enumerable.Range(0, 6).Select(_ => book.InOrder("study", [One, Two, Three], [])[0].Uri).ToList();
        first.GroupBy(uri => uri).Select(group => group.Count()).ShouldBe([2, 2, 2]);
        book.InOrder("study", [One, Two, Three], [One, Three])[0].Uri.ShouldBe(Two);
        book.InOrder("study", [], []).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_least_busy_address_goes_first()
    {
        var book = Book();
        var busy = book.InOrder("study", [One], [])[0];
        var done = new TaskCompletionSource<Attempt>();
        var call = busy.CallAsync(_ => done.Task);
        for (var i = 0; i < 4; i++)
            book.InOrder("study", [One, Two], [])[0].Uri.ShouldBe(Two);
        done.SetResult(new Attempt(AttemptKind.Answered));
        await call;
        Enumerable.Range(0, 4).Select(_ => book.InOrder("study", [One, Two], [])[0].Uri).ShouldContain(One);
    }

    [Fact]
    public async Task An_address_that_fails_goes_last_then_is_left_alone_then_is_tried_again()
    {
        var changes = new List<bool>();
        var book = new AddressBook(new AskOptions { BreakerThroughput = 2, BreakerPause = TimeSpan.FromSeconds(5) }, _clock, (_, isOpen) => changes.Add(isOpen));
        var address = book.InOrder("study", [One], [])[0];

        await address.CallAsync(_ => Task.FromResult(new Attempt(AttemptKind.NotSent)));
        for (var i = 0; i < 4; i++)
            book.InOrder("study", [One, Two], [])[0].Uri.ShouldBe(Two);
        await address.CallAsync(_ => Task.FromResult(new Attempt(AttemptKind.DeadlinePassed)));
        changes.ShouldBe([true]);
        var broken = await Should.ThrowAsync<BrokenCircuitException>(() => address.CallAsync(_ => throw new InvalidOperationException("it is not called")));
        broken.RetryAfter.ShouldBe(TimeSpan.FromSeconds(5));

        _clock.Advance(TimeSpan.FromSeconds(6));
        Enumerable.Range(0, 4).Select(_ => book.InOrder("study", [One, Two], [])[0].Uri).ShouldContain(One);
        (await address.CallAsync(_ => Task.FromResult(new Attempt(AttemptKind.Answered)))).Kind.ShouldBe(AttemptKind.Answered);
        changes.ShouldBe([true, false]);
        address.IsSuspect.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_says_nothing_about_the_address()
    {
        var address = Book().InOrder("study", [One], [])[0];
        foreach (var kind in (AttemptKind[])[AttemptKind.Failed, AttemptKind.Refused, AttemptKind.Unknown, AttemptKind.Answered])
        {
            for (var i = 0; i < 10; i++)
                (await address.CallAsync(_ => Task.FromResult(new Attempt(kind)))).Kind.ShouldBe(kind);
        }

        address.IsSuspect.ShouldBeFalse();
    }

    [Theory]
    [InlineData("/ask/study/personal-data.export", "study", "personal-data.export")]
    [InlineData("/ask/study", null, null)]
    [InlineData("/ask/study/", null, null)]
    [InlineData("/ask//x", null, null)]
    [InlineData("/ask/study/x/y", null, null)]
    [InlineData("/other/study/x", null, null)]
    [InlineData(null, null, null)]
    public void A_path_names_a_service_and_a_request(string? path, string? service, string? request)
    {
        AskWire.Parse(path)?.Service.ShouldBe(service);
        AskWire.Parse(path)?.Request.ShouldBe(request);
        (AskWire.Parse(path) is null).ShouldBe(service is null);
    }

    [Theory]
    [InlineData("250", 250)]
    [InlineData("0", 0)]
    [InlineData("20000", 10_000)]
    [InlineData("-1", 10_000)]
    [InlineData("soon", 10_000)]
    [InlineData("99999999999999999999999", 10_000)]
    [InlineData(null, 10_000)]
    public void The_shorter_deadline_holds(string? header, int milliseconds) => AskWire.DeadlineOf(header, 10).TotalMilliseconds.ShouldBe(milliseconds);

    [Theory]
    [InlineData("Ask:Addresses:study", "10.0.0.5:7443", "Ask__Addresses__study: '10.0.0.5:7443' is not an address such as https://10.0.0.5:7443.")]
    [InlineData("Ask:Addresses:study", "http://10.0.0.5:7443", "Ask__Addresses__study: 'http://10.0.0.5:7443' is not an address such as https://10.0.0.5:7443.")]
    [InlineData("Ask:Addresses:study", "https://10.0.0.5:7443/x", "Ask__Addresses__study: 'https://10.0.0.5:7443/x' is not an address such as https://10.0.0.5:7443.")]
    [InlineData("Ask:Bind", "here", "Ask__Bind: 'here' is not an IP address, such as 127.0.0.1 or 0.0.0.0.")]
    [InlineData("Ask:DnsPattern", "mneme.svc", "Ask__DnsPattern: must contain {service}.")]
    [InlineData("Ask:Discovery", "zeroconf", "Ask__Discovery: 'zeroconf' is not one of Addresses, Dns, Consul.")]
    [InlineData("Ask:Consul:Ttl", "1", "Ask__Consul__Ttl: The field Ttl must be between 00:00:01 and 00:10:00.")]
    public void Wrong_settings_are_refused_with_what_is_right(string key, string value, string finding) => Check((key, value)).ShouldContain(finding);

    [Fact]
    public void Consul_must_be_told_an_address_that_others_can_reach()
    {
        Check(("Ask:Discovery", "consul"), ("Ask:Port", "7443"), ("Ask:Bind", "0.0.0.0")).ShouldHaveSingleItem().ShouldStartWith("Ask__Consul__Advertise: is needed");
        Check(("Ask:Discovery", "consul"), ("Ask:Port", "7443"), ("Ask:Bind", "0.0.0.0"), ("Ask:Consul:Advertise", "10.0.0.5")).ShouldBeEmpty();
        Check(("Ask:Discovery", "consul"), ("Ask:Port", "7443"), ("Ask:Bind", "10.0.0.5")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("10.0.0.5", null, "127.0.0.1", "10.0.0.5")]
    [InlineData("10.0.0.5", "203.0.113.5", "0.0.0.0", "203.0.113.5")]
    [InlineData("0.0.0.0", "10.0.0.5", "0.0.0.0", "10.0.0.5")]
    [InlineData("::", null, "127.0.0.1", "")]
    [InlineData("127.0.0.1", null, "127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1", "0.0.0.0", "127.0.0.1")]
    [InlineData("127.0.0.1", "10.0.0.5", "0.0.0.0", null)]
    [InlineData("127.0.0.1", null, "10.0.0.5", null)]
    public void A_public_api_is_told_to_consul_at_an_address_that_others_reach(string bind, string? advertise, string askBind, string? told) =>
        ConsulRegistration.PublicAddress(bind, advertise, askBind).ShouldBe(told);

    [Fact]
    public void Addresses_are_read_as_a_list_whatever_the_case_of_the_name()
    {
        var options = Configuration(("Ask:Addresses:STUDY", "https://10.0.0.1:7443, https://10.0.0.2:7443")).GetSection("Ask").Get<AskOptions>()!;
        options.AddressesOf("study").ShouldBe([One, Two]);
        options.Reaches("study").ShouldBeTrue();
        options.Reaches("ai").ShouldBeFalse();
        options.IsConfigured.ShouldBeTrue();
        new AskOptions().IsConfigured.ShouldBeFalse();
        new AskOptions { Discovery = AskDiscovery.Dns }.Reaches("ai").ShouldBeTrue();
    }

    private AddressBook Book() => new(new AskOptions(), _clock, (_, _) => { });

    private static IReadOnlyList<string> Check(params (string Key, string Value)[] settings) => ConfigurationCheck.Run(Configuration(settings), [OptionsType.Of<AskOptions>()]);

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
}
