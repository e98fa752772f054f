using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Aws.Client;
using Mneme.Platform.Messaging;

namespace Mneme.IntegrationTests.Aws;

/// <summary>What is AWS' own about the transport; what holds for all is in <c>TransportConformance</c>.</summary>
public sealed class AwsTransportTests : IAsyncLifetime
{
    private static readonly AwsRefusalException Throttled = new("ThrottlingException", "Rate exceeded");

    private readonly HeldClock _clock = new();
    private readonly AwsStandIn _aws;
    private readonly SharedApplication _shared;
    private readonly string _prefix = "t" + Guid.NewGuid().ToString("n")[..12];

    public AwsTransportTests(SharedApplication shared) => (_shared, _aws) = (shared, new AwsStandIn(_clock));

    private string Queue => $"{_prefix}-probe";

    public async ValueTask InitializeAsync() => await _aws.StartAsync();

    public ValueTask DisposeAsync() => _aws.DisposeAsync();

    [Fact]
    public async Task Everything_is_declared_once_and_found_by_the_next()
    {
        await using (var first = await StartAsync())
            await ListeningAsync(first);
        _aws.Queues.Names.ShouldBe([$"{_prefix}-dead", Queue, $"{_prefix}-undelivered", $"{_prefix}-unreadable"]);
        _aws.Bus.Rules(_prefix).ShouldBe([$"{_prefix}-probe-probe.counted.v1", $"{_prefix}-probe-probe.happened.v1", $"{_prefix}-probe-user.deleted.v1"]);
        JsonNode.Parse(_aws.Queues.Attributes(Queue)["RedrivePolicy"])!["maxReceiveCount"]!.ToString().ShouldBe("1000");
        var (rules, targets) = (_aws.RequestsOf("PutRule").Count, _aws.RequestsOf("PutTargets").Count);

        await using var second = await StartAsync();
        await ListeningAsync(second);

        (_aws.RequestsOf("PutRule").Count, _aws.RequestsOf("PutTargets").Count).ShouldBe((rules, targets), "what is complete is left alone");
    }

    [Fact]
    public async Task A_changed_setting_reaches_a_queue_that_is_there()
    {
        await using (var first = await StartAsync())
            await ListeningAsync(first);
        await using var second = await StartAsync(("Aws:MaxReceiveCount", "500"));
        await ListeningAsync(second);
        JsonNode.Parse(_aws.Queues.Attributes(Queue)["RedrivePolicy"])!["maxReceiveCount"]!.ToString().ShouldBe("500");
    }

    [Fact]
    public async Task Without_leave_to_declare_what_is_missing_is_named()
    {
        await using var probe = await StartAsync(("Aws:CreateTopology", "false"));

        await Eventually.TrueAsync(
            () => Task.FromResult(Listener(probe).Statistics.LastError?.Contains("Set Aws__CreateTopology=true, or create what docs/transports/aws.md lists.", StringComparison.Ordinal) == true),
            "the operator sees why");
        _aws.Queues.Names.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_queue_that_was_deleted_is_made_again()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        _aws.Queues.Delete(Queue);
        await Eventually.TrueAsync(() => Task.FromResult(_aws.Queues.Names.Contains(Queue)), "it is made again");
        await PublishAsync(probe, 3, "again");
        await HandledAsync(probe, "again", 3);
    }

    [Fact]
    public async Task Only_the_events_that_EventBridge_refused_are_offered_again()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        _aws.Fail("PutEvents", new AwsFault { Refusal = Throttled, FailingEntries = [1, 4] }, new AwsFault { Refusal = Throttled, FailingEntries = [1] });

        await PublishAsync(probe, 6, "partial");

        await HandledAsync(probe, "partial", 6);
        _aws.RequestsOf("PutEvents").Select(request => request.Body["Entries"]!.AsArray().Count).ShouldBe([6, 2, 1]);
        var second = Ids(_aws.RequestsOf("PutEvents")[1]);
        second.ShouldBe([Ids(_aws.RequestsOf("PutEvents")[0])[1], Ids(_aws.RequestsOf("PutEvents")[0])[4]]);
        Listener(probe).Statistics.ReceivedCount.ShouldBe(6);
    }

    [Fact]
    public async Task An_event_that_is_refused_for_good_is_an_error_at_once()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        _aws.Fail("PutEvents", new AwsFault { Refusal = new AwsRefusalException("NotAuthorizedForDetailTypeException", "Not for you."), FailingEntries = [0] });

        var error = await Should.ThrowAsync<AwsException>(() => PublishAsync(probe, 2, "refused"));

        error.Message.ShouldStartWith("events refused PutEvents with NotAuthorizedForDetailTypeException");
        _aws.RequestsOf("PutEvents").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Requests_hold_no_more_than_ten_events_and_256_KB()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        var large = new string('x', 60_000);

        await PublishAsync(probe, 23, "small");
        await PublishAsync(probe, 5, large);

        await HandledAsync(probe, "small", 23);
        await HandledAsync(probe, large, 5);
        _aws.RequestsOf("PutEvents").Select(request => request.Body["Entries"]!.AsArray().Count).Order().ShouldBe([1, 3, 4, 10, 10]);
    }

    [Fact]
    public async Task An_event_that_is_too_large_for_the_bus_goes_to_the_queues()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        // As a capture of the longest text: six bytes each as JSON escapes them, two as they are.
        var text = new string('я', 200_000);

        await PublishAsync(probe, 1, text);
        await PublishAsync(probe, 1, "beside");

        await HandledAsync(probe, text, 1);
        await HandledAsync(probe, "beside", 1);
        _aws.RequestsOf("SendMessage").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_event_that_is_too_large_for_SQS_is_refused_and_the_others_of_its_batch_are_not()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        var now = probe.App.Clock.GetUtcNow();
        var labels = new[] { new string('x', 1_100_000), "others" };

        var error = await Should.ThrowAsync<InvalidOperationException>(() => probe.App.PublishAsync([.. labels.Select(label => EventEnvelope.Of(new ProbeHappened(Guid.NewGuid(), label), "probe", now, null))]));

        error.Message.ShouldStartWith("An event probe.happened.v1 has 1100");
        await HandledAsync(probe, "others", 1);
    }

    [Fact]
    public async Task What_EventBridge_may_not_deliver_is_kept_for_the_operator()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        using (var client = _aws.Client())
            await client.SendAsync(AwsCall.Json(AwsService.Sqs, "AmazonSQS.SetQueueAttributes", "1.0", new { QueueUrl = new Uri(_aws.Address, $"/{AwsStandIn.Account}/{Queue}"), Attributes = new { Policy = """{"Statement":[]}""" } }), CancellationToken.None);

        await PublishAsync(probe, 2, "unwelcome");

        _aws.Queues.Bodies($"{_prefix}-undelivered").Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_being_handled_is_kept_from_others_beyond_its_visibility_timeout()
    {
        (string, string) visibility = ("Aws:VisibilityTimeout", "00:00:03");
        await using var first = await StartAsync(visibility);
        await ListeningAsync(first);
        var (entered, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        first.Control.BeforeEffect = async (_, ct) =>
        {
            entered.TrySetResult();
            await goOn.Task.WaitAsync(ct);
        };
        await PublishAsync(first, 12, "held");
        await entered.Task;
        await using var second = await StartAsync(first.App.Clock, visibility);
        await ListeningAsync(second);

        // Twelve messages are extended by two requests. Of four more, at least two are of one round that began after the clock moved.
        for (var i = 0; i < 3; i++)
        {
            var extensions = _aws.RequestsOf("ChangeMessageVisibilityBatch").Count;
            await Eventually.TrueAsync(() => Task.FromResult(_aws.RequestsOf("ChangeMessageVisibilityBatch").Count >= extensions + 4), "they are extended");
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        Listener(second).Statistics.ReceivedCount.ShouldBe(0);

        goOn.SetResult();
        await HandledAsync(first, "held", 12);
        await Eventually.TrueAsync(() => Task.FromResult(_aws.Queues.Bodies(Queue).Count == 0), "they are deleted");
    }

    [Fact]
    public async Task What_was_not_deleted_for_a_passing_reason_is_deleted_by_the_next_attempt()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        _aws.Fail("DeleteMessageBatch", new AwsFault { Refusal = new AwsRefusalException("InternalError", "later", 500), FailingEntries = [0, 2] });

        await PublishAsync(probe, 4, "deleted");

        await HandledAsync(probe, "deleted", 4);
        await Eventually.TrueAsync(() => Task.FromResult(_aws.Queues.Bodies(Queue).Count == 0), "all are deleted");
        Listener(probe).Statistics.RedeliveredCount.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_delivered_too_often_is_moved_by_the_redrive_policy()
    {
        await using (var first = await StartAsync())
            await ListeningAsync(first);
        using (var client = _aws.Client())
        {
            var policy = $$"""{"deadLetterTargetArn":"{{StandInQueues.Arn($"{_prefix}-dead")}}","maxReceiveCount":"1"}""";
            var url = new Uri(_aws.Address, $"/{AwsStandIn.Account}/{Queue}");
            await client.SendAsync(AwsCall.Json(AwsService.Sqs, "AmazonSQS.SetQueueAttributes", "1.0", new { QueueUrl = url, Attributes = new { RedrivePolicy = policy } }), CancellationToken.None);
            _aws.Queues.Enqueue(Queue, "crashing");
            // Somebody who receives it and dies.
            await client.SendAsync(AwsCall.Json(AwsService.Sqs, "AmazonSQS.ReceiveMessage", "1.0", new { QueueUrl = url, VisibilityTimeout = 0 }), CancellationToken.None);
            await client.SendAsync(AwsCall.Json(AwsService.Sqs, "AmazonSQS.ReceiveMessage", "1.0", new { QueueUrl = url }), CancellationToken.None);
        }

        _aws.Queues.Bodies(Queue).ShouldBeEmpty();
        _aws.Queues.Bodies($"{_prefix}-dead").ShouldBe(["crashing"]);
    }

    [Fact]
    public async Task An_answer_that_is_lost_repeats_the_events_and_not_their_effects()
    {
        await using var probe = await StartAsync();
        await ListeningAsync(probe);
        _aws.Fail("PutEvents", new AwsFault { LosesAnswer = true });

        await PublishAsync(probe, 5, "twice");

        await Eventually.TrueAsync(() => Task.FromResult(Listener(probe).Statistics.HandledCount == 10), "each arrives twice");
        (await probe.EffectsAsync("twice")).ShouldBe(5);
    }

    [Fact]
    public async Task FIFO_queues_drop_copies_and_keep_a_types_events_in_line()
    {
        await using var probe = await StartAsync(("Aws:Fifo", "true"));
        await ListeningAsync(probe);
        _aws.Queues.Names.ShouldBe([$"{_prefix}-dead.fifo", Queue + ".fifo", $"{_prefix}-undelivered", $"{_prefix}-unreadable"]);
        _aws.Fail("PutEvents", new AwsFault { LosesAnswer = true });

        await PublishAsync(probe, 30, "in line");

        await HandledAsync(probe, "in line", 30);
        await Eventually.TrueAsync(() => Task.FromResult(_aws.Queues.Bodies(Queue + ".fifo").Count == 0), "they are deleted");
        Listener(probe).Statistics.ReceivedCount.ShouldBe(30);
        var target = _aws.RequestsOf("PutTargets").Single(request => request.Body["Rule"]!.GetValue<string>().EndsWith("probe.happened.v1", StringComparison.Ordinal));
        target.Body["Targets"]![0]!["SqsParameters"]!["MessageGroupId"]!.GetValue<string>().ShouldBe("probe.happened.v1");
    }

    private Task<ProbeApplication> StartAsync(params (string Key, string Value)[] settings) => StartAsync(clock: null, settings);

    private Task<ProbeApplication> StartAsync(TestClock? clock, params (string Key, string Value)[] settings) => ProbeApplication.StartAsync(
        _shared, _prefix, clock,
        [
            ("Messaging:Prefix", _prefix), ("Messaging:Backend", "aws"), ("Aws:EndpointUrl", _aws.Address.ToString()), ("Aws:Region", AwsStandIn.Region), ("Aws:WaitTime", "00:00:01"),
            ("Aws:VisibilityTimeout", "00:00:06"), .. settings,
        ]);

    /// <summary>AWS's clock, which moves when the test says so, however slow the machine is.</summary>
    private sealed class HeldClock : TimeProvider
    {
        private readonly DateTimeOffset _start = System.GetUtcNow();
        private long _offset;

        public override DateTimeOffset GetUtcNow() => _start + TimeSpan.FromTicks(Interlocked.Read(ref _offset));

        public void Advance(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);
    }

    private static EventListener Listener(ProbeApplication probe) => probe.App.Services.GetServices<EventListener>().ShouldHaveSingleItem();

    private static Task ListeningAsync(ProbeApplication probe) => Eventually.TrueAsync(() => Task.FromResult(Listener(probe).State == ListenerState.Listening), "it listens");

    private static Task PublishAsync(ProbeApplication probe, int count, string label) => probe.App.PublishAsync(
        [.. Enumerable.Range(0, count).Select(_ => EventEnvelope.Of(new ProbeHappened(Guid.NewGuid(), label), "probe", probe.App.Clock.GetUtcNow(), traceParent: null))]);

    private static async Task HandledAsync(ProbeApplication probe, string label, int count)
    {
        await Eventually.TrueAsync(async () => await probe.EffectsAsync(label) >= count, "they are handled");
        (await probe.EffectsAsync(label)).ShouldBe(count);
    }

    private static List<string> Ids(AwsRequest request) =>
        [.. request.Body["Entries"]!.AsArray().Select(entry => JsonNode.Parse(entry!["Detail"]!.GetValue<string>())!["id"]!.GetValue<string>())];
}
