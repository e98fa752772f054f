using Amazon.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Aws;
using Mneme.Platform.Aws.Client;
using Mneme.Platform.Hosting;

namespace Mneme.IntegrationTests.Aws;

/// <summary>The signed client: what it repeats, what it does not, and what it says.</summary>
public sealed class AwsClientTests : IAsyncLifetime
{
    private readonly AwsStandIn _aws = new();

    private sealed record Url(string QueueUrl);

    public async ValueTask InitializeAsync()
    {
        await _aws.StartAsync();
        using var client = _aws.Client();
        await client.SendAsync(Create("there"), CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _aws.DisposeAsync();

    [Fact]
    public async Task A_signed_request_is_answered()
    {
        using var client = _aws.Client();
        (await client.SendAsync<Url>(Find("there"), CancellationToken.None)).QueueUrl.ShouldEndWith("/there");
    }

    public static TheoryData<string, int> PassingFailures { get; } = new()
    {
        { "ThrottlingException", 400 },
        { "RequestThrottled", 403 },
        { "InternalFailure", 500 },
        { "ServiceUnavailable", 503 },
        { "SomethingNew", 502 },
    };

    [Theory]
    [MemberData(nameof(PassingFailures))]
    public async Task What_passes_is_tried_again(string code, int status)
    {
        var fault = new AwsFault { Refusal = new AwsRefusalException(code, "later", status) };
        _aws.Fail("GetQueueUrl", fault, fault, new AwsFault { Drops = true });
        using var client = _aws.Client();

        await client.SendAsync(Find("there"), CancellationToken.None);

        _aws.RequestsOf("GetQueueUrl").Count.ShouldBe(4);
    }

    [Fact]
    public async Task There_are_no_more_attempts_than_allowed()
    {
        var fault = new AwsFault { Refusal = new AwsRefusalException("ThrottlingException", "Rate exceeded") };
        _aws.Fail("GetQueueUrl", fault, fault, fault);
        using var client = _aws.Client(attempts: 2);

        var error = await Should.ThrowAsync<AwsException>(() => client.SendAsync(Find("there"), CancellationToken.None));

        (error.Code, error.Status, _aws.RequestsOf("GetQueueUrl").Count).ShouldBe(("ThrottlingException", 400, 2));
        error.Message.ShouldStartWith("sqs refused GetQueueUrl with ThrottlingException (400): Rate exceeded Request ");
    }

    [Fact]
    public async Task What_would_be_refused_again_is_asked_once_and_the_error_says_what_to_do()
    {
        _aws.Fail("GetQueueUrl", new AwsFault { Refusal = new AwsRefusalException("AccessDeniedException", "User is not authorized.", 403) });
        using var client = _aws.Client();

        var error = await Should.ThrowAsync<AwsException>(() => client.SendAsync(Find("there"), CancellationToken.None));

        error.Message.ShouldContain("Allow sqs:GetQueueUrl to the identity that this process runs as");
        _aws.RequestsOf("GetQueueUrl").Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_must_not_happen_twice_is_asked_once()
    {
        _aws.Fail("GetQueueUrl", new AwsFault { LosesAnswer = true });
        using var client = _aws.Client();

        var error = await Should.ThrowAsync<AwsException>(() => client.SendAsync(Find("there") with { IsTriedOnce = true }, CancellationToken.None));

        error.IsUnanswered.ShouldBeTrue();
        _aws.RequestsOf("GetQueueUrl").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(7)]
    public async Task A_clock_that_is_wrong_is_corrected_by_theirs(int hours)
    {
        var clock = new TestClock();
        clock.Advance(TimeSpan.FromHours(hours));
        using var client = _aws.Client(clock, attempts: 1);

        await client.SendAsync(Find("there"), CancellationToken.None);
        await client.SendAsync(Find("there"), CancellationToken.None);

        _aws.RequestsOf("GetQueueUrl").Count.ShouldBe(2, "those with the wrong time were refused before they were read");
    }

    [Fact]
    public async Task Who_does_not_answer_in_time_is_given_up()
    {
        _aws.Fail("GetQueueUrl", new AwsFault { Until = new TaskCompletionSource().Task });
        using var client = _aws.Client(attempts: 1, requestTimeout: TimeSpan.FromMilliseconds(200));

        var error = await Should.ThrowAsync<AwsException>(() => client.SendAsync(Find("there"), CancellationToken.None));

        error.Message.ShouldBe("sqs at 127.0.0.1 did not answer GetQueueUrl within 0.2 s.");
        error.IsUnanswered.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_is_not_there_is_named()
    {
        var options = new AwsOptions { EndpointUrl = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}"), Region = AwsStandIn.Region, MaxAttempts = 2 };
        using var credentials = new AwsCredentials(options);
        using var client = new AwsClient(options, credentials, TimeProvider.System, NullLogger<AwsClient>.Instance);

        (await Should.ThrowAsync<AwsException>(() => client.SendAsync(Find("there"), CancellationToken.None))).Message.ShouldStartWith($"sqs cannot be reached at {options.EndpointUrl.Authority} for GetQueueUrl: ");
    }

    [Fact]
    public async Task Wrong_credentials_are_told_from_missing_permissions()
    {
        var options = new AwsOptions { EndpointUrl = _aws.Address, Region = AwsStandIn.Region };
        using var credentials = new AwsCredentials(options, new BasicAWSCredentials("AKIDOTHER", "secret"));
        using var client = new AwsClient(options, credentials, TimeProvider.System, NullLogger<AwsClient>.Instance);

        var error = await Should.ThrowAsync<AwsException>(() => client.SendAsync(Find("there"), CancellationToken.None));

        error.Message.ShouldContain("The credentials are not valid, or not for this region or endpoint.");
    }

    [Fact]
    public async Task A_wrong_secret_key_makes_a_signature_that_is_refused()
    {
        var options = new AwsOptions { EndpointUrl = _aws.Address, Region = AwsStandIn.Region };
        using var credentials = new AwsCredentials(options, new SessionAWSCredentials(StandInSignature.AccessKey, "other", StandInSignature.Token));
        using var client = new AwsClient(options, credentials, TimeProvider.System, NullLogger<AwsClient>.Instance);

        (await Should.ThrowAsync<AwsException>(() => client.SendAsync(Find("there"), CancellationToken.None))).Code.ShouldBe("InvalidSignatureException");
    }

    [Fact]
    public async Task An_error_in_XML_is_read_as_well()
    {
        _aws.Fail("Publish", new AwsFault { Refusal = new AwsRefusalException("NotFound", "Topic does not exist", 404) });
        using var client = _aws.Client();

        var error = await Should.ThrowAsync<AwsException>(() => client.SendAsync(AwsCall.Query(AwsService.Sns, "Publish", "2010-03-31"), CancellationToken.None));

        error.Message.ShouldStartWith("sns refused Publish with NotFound (404): Topic does not exist");
    }

    private static AwsCall Create(string name) => AwsCall.Json(AwsService.Sqs, "AmazonSQS.CreateQueue", "1.0", new { QueueName = name });

    private static AwsCall Find(string name) => AwsCall.Json(AwsService.Sqs, "AmazonSQS.GetQueueUrl", "1.0", new { QueueName = name });
}
