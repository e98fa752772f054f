using Microsoft.AspNetCore.Http;
using Mneme.Gateway;
using Mneme.Platform.Domain;
using Yarp.ReverseProxy.Forwarder;

namespace Mneme.UnitTests.Gateway;

public sealed class RetryDecisionTests
{
    private static readonly Exception Unsent = new HttpRequestException(HttpRequestError.ConnectionError, "refused");
    private static readonly Exception SlowToConnect = new TaskCanceledException("too slow", new TimeoutException());
    private static readonly Exception Lost = new HttpRequestException(HttpRequestError.ResponseEnded, "ended");

    [Theory]
    [InlineData("GET", false, true)]
    [InlineData("HEAD", false, true)]
    [InlineData("PUT", false, true)]
    [InlineData("DELETE", false, true)]
    [InlineData("OPTIONS", false, true)]
    [InlineData("POST", true, true)]
    [InlineData("POST", false, false)]
    [InlineData("PATCH", false, false)]
    [InlineData("PATCH", true, false)]
    public void What_may_have_arrived_is_sent_again_only_if_that_does_no_harm(string method, bool hasKey, bool expected)
    {
        RetryDecision.MayRetry(Request(method, hasKey), ForwarderError.Request, Lost).ShouldBe(expected);
        RetryDecision.MayRetry(Request(method, hasKey), ForwarderError.RequestBodyDestination, Lost).ShouldBe(expected);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public void What_was_never_sent_may_always_go_elsewhere(string method)
    {
        RetryDecision.MayRetry(Request(method), ForwarderError.Request, Unsent).ShouldBeTrue();
        RetryDecision.MayRetry(Request(method), ForwarderError.RequestTimedOut, SlowToConnect).ShouldBeTrue();
    }

    [Theory]
    [InlineData(ForwarderError.ResponseBodyDestination)]
    [InlineData(ForwarderError.ResponseHeaders)]
    [InlineData(ForwarderError.RequestCanceled)]
    [InlineData(ForwarderError.RequestTimedOut)]
    [InlineData(ForwarderError.RequestBodyClient)]
    [InlineData(ForwarderError.NoAvailableDestinations)]
    public void Nothing_else_is_sent_again(ForwarderError error) => RetryDecision.MayRetry(Request("GET"), error, Lost).ShouldBeFalse();

    [Fact]
    public void A_body_that_the_caller_sent_wrong_is_the_callers_fault_wherever_it_is_noticed()
    {
        var bad = new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
        var wrapped = new AggregateException(new HttpRequestException("sending failed", bad), new OperationCanceledException());
        RetryDecision.BadRequestIn(wrapped).ShouldBeSameAs(bad);
        RetryDecision.MayRetry(Request("GET"), ForwarderError.RequestBodyDestination, wrapped).ShouldBeFalse();
    }

    [Fact]
    public void A_caller_learns_whether_something_can_have_changed()
    {
        RetryDecision.ProblemOf("study", ForwarderError.NoAvailableDestinations, null).Kind.ShouldBe(ProblemKind.Unavailable);
        RetryDecision.ProblemOf("study", ForwarderError.Request, Unsent).Detail.ShouldContain("Nothing was changed");
        RetryDecision.ProblemOf("study", ForwarderError.Request, Unsent).RetryAfter.ShouldNotBeNull();
        var lost = RetryDecision.ProblemOf("study", ForwarderError.Request, Lost);
        ((int)lost.Kind).ShouldBe(502);
        lost.Detail.ShouldContain("not known");
    }

    [Fact]
    public void Silence_until_the_deadline_is_told_apart_from_a_connection_that_was_never_made()
    {
        RetryDecision.IsCancelled(ForwarderError.RequestTimedOut, new OperationCanceledException()).ShouldBeTrue();
        RetryDecision.IsCancelled(ForwarderError.RequestTimedOut, SlowToConnect).ShouldBeFalse();
    }

    private static HttpRequest Request(string method, bool hasKey = false)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        if (hasKey)
            request.Headers["Idempotency-Key"] = "1";
        return request;
    }
}
