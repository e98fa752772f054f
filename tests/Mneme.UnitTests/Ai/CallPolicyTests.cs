using Microsoft.Extensions.AI;
using Mneme.Ai;
using Mneme.Ai.Models;
using Polly.CircuitBreaker;

namespace Mneme.UnitTests.Ai;

public sealed class CallPolicyTests
{
    private static readonly ModelReply Answer = ModelReply.Answered(new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok")));

    private readonly ImpatientClock _clock = new();
    private int _calls;

    [Fact]
    public async Task A_Retry_After_is_waited_for_exactly()
    {
        var reply = await RunAsync(new AiOptions(), Failed(ModelFailureKind.RateLimited, TimeSpan.FromSeconds(7)), Answer);

        reply.ShouldBe(Answer);
        _clock.Waited.ShouldBe([TimeSpan.FromSeconds(7)]);
    }

    [Fact]
    public async Task Pauses_grow_and_are_not_all_alike()
    {
        await RunAsync(new AiOptions { Retries = 6, RetryDelay = TimeSpan.FromSeconds(1) }, Failed(ModelFailureKind.Unavailable));
        var first = _clock.Waited.ToList();
        _clock.Waited.Clear();
        await RunAsync(new AiOptions { Retries = 6, RetryDelay = TimeSpan.FromSeconds(1) }, Failed(ModelFailureKind.Unavailable));

        _calls.ShouldBe(14);
        first.Count.ShouldBe(6);
        first.ShouldNotBe(_clock.Waited);
        first.Skip(3).Sum(pause => pause.TotalSeconds).ShouldBeGreaterThan(first.Take(3).Sum(pause => pause.TotalSeconds));
        first.ShouldAllBe(pause => pause <= TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_Retry_After_beyond_patience_is_passed_on_without_waiting()
    {
        var reply = await RunAsync(new AiOptions { LongestRetryAfter = TimeSpan.FromSeconds(30) }, Failed(ModelFailureKind.RateLimited, TimeSpan.FromSeconds(31)), Answer);

        reply.Failure!.RetryAfter.ShouldBe(TimeSpan.FromSeconds(31));
        _clock.Waited.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(nameof(ModelFailureKind.CredentialsRefused))]
    [InlineData(nameof(ModelFailureKind.CreditExhausted))]
    [InlineData(nameof(ModelFailureKind.ModelUnknown))]
    [InlineData(nameof(ModelFailureKind.TooLong))]
    [InlineData(nameof(ModelFailureKind.ContentRefused))]
    [InlineData(nameof(ModelFailureKind.RequestRefused))]
    public async Task What_waiting_does_not_mend_is_not_repeated(string kind)
    {
        await RunAsync(new AiOptions(), Failed(Enum.Parse<ModelFailureKind>(kind)));

        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task The_circuit_opens_on_outages_stays_open_for_its_pause_and_closes_again()
    {
        var pipeline = CallPolicy.Pipeline(new AiOptions { Retries = 0, BreakerThroughput = 4, BreakerPause = TimeSpan.FromSeconds(20) }, _clock);
        for (var i = 0; i < 4; i++)
            await pipeline.ExecuteAsync(_ => Call(Failed(ModelFailureKind.Unavailable)));

        await Should.ThrowAsync<BrokenCircuitException>(async () => await pipeline.ExecuteAsync(_ => Call(Answer)));
        _clock.Advance(TimeSpan.FromSeconds(19));
        await Should.ThrowAsync<BrokenCircuitException>(async () => await pipeline.ExecuteAsync(_ => Call(Answer)));
        _calls.ShouldBe(4);
        _clock.Advance(TimeSpan.FromSeconds(2));
        // A failed trial opens it again at once.
        await pipeline.ExecuteAsync(_ => Call(Failed(ModelFailureKind.TimedOut)));
        await Should.ThrowAsync<BrokenCircuitException>(async () => await pipeline.ExecuteAsync(_ => Call(Answer)));
        _clock.Advance(TimeSpan.FromSeconds(21));
        (await pipeline.ExecuteAsync(_ => Call(Answer))).ShouldBe(Answer);
        (await pipeline.ExecuteAsync(_ => Call(Answer))).ShouldBe(Answer);
    }

    [Fact]
    public async Task Rate_limits_and_refusals_do_not_open_the_circuit()
    {
        var pipeline = CallPolicy.Pipeline(new AiOptions { Retries = 0, BreakerThroughput = 2 }, _clock);
        for (var i = 0; i < 10; i++)
            await pipeline.ExecuteAsync(_ => Call(Failed(i % 2 == 0 ? ModelFailureKind.RateLimited : ModelFailureKind.CredentialsRefused)));

        _calls.ShouldBe(10);
    }

    private async Task<ModelReply> RunAsync(AiOptions options, params ModelReply[] replies)
    {
        var next = 0;
        return await CallPolicy.Pipeline(options, _clock).ExecuteAsync(_ => Call(replies[Math.Min(next++, replies.Length - 1)]));
    }

    private ValueTask<ModelReply> Call(ModelReply reply)
    {
        _calls++;
        return ValueTask.FromResult(reply);
    }

    private static ModelReply Failed(ModelFailureKind kind, TimeSpan? retryAfter = null) => ModelReply.Failed(new ModelFailure(kind, RetryAfter: retryAfter));

    /// <summary>A clock that stands still unless told to move, whose timers fire at once and note how long they would have waited.</summary>
    private sealed class ImpatientClock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public List<TimeSpan> Waited { get; } = [];

        public void Advance(TimeSpan by) => _now += by;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _now.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Timeout.InfiniteTimeSpan)
                Waited.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.Zero, period);
        }
    }
}
