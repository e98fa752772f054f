using System.Net.Http.Json;
using Mneme.JourneyTests.Support;

namespace Mneme.JourneyTests;

/// <summary>One trace through every process that has a part in a request.</summary>
public sealed class TraceTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Caller = "00f067aa0ba902b7";

    [Fact]
    public async Task A_review_is_one_trace_from_the_gateway_through_study_outbox_and_broker_to_progress()
    {
        using var data = new DataFolder();
        await using var collector = await TraceCollector.StartAsync();
        await using (var mneme = await MnemeProcess.StartAsync(data.Path, Topology.SplitOverRabbitMq, [.. collector.Settings]))
        {
            using var ada = await Learner.RegisterAsync(mneme, "Ada");
            var card = (await ada.MakeCardsAsync(1))[0];
            using var request = new HttpRequestMessage(HttpMethod.Post, "flashcards/review")
            {
                Content = JsonContent.Create(new { flashcardId = card, quality = 4 }),
                Headers = { { "traceparent", $"00-{Trace}-{Caller}-01" } },
            };
            using var response = await ada.Client.SendAsync(request);
            response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
            await Eventually.TrueAsync(async () => await ada.PointsAsync() == 10, "the review counts");
        }

        // Everything is sent when the processes have ended.
        var spans = collector.Spans.Where(span => span.TraceId == Trace).ToDictionary(span => span.Id, StringComparer.Ordinal);
        var handler = spans.Values.Where(span => span is { Service: "progress", Name: "OnFlashcardReviewed" }).ShouldHaveSingleItem();
        handler.Kind.ShouldBe(SpanKind.Consumer);
        var published = spans[handler.ParentId];
        (published.Service, published.Name, published.Kind).ShouldBe(("study", "publish learning-events", SpanKind.Producer));
        var atStudy = spans[published.ParentId];
        (atStudy.Service, atStudy.Name, atStudy.Kind).ShouldBe(("study", "POST /api/v1/flashcards/review", SpanKind.Server));
        // The gateway's own request to study lies between.
        var forwarded = spans[atStudy.ParentId];
        (forwarded.Service, forwarded.Kind).ShouldBe(("gateway", SpanKind.Client));
        var atGateway = spans[forwarded.ParentId];
        (atGateway.Service, atGateway.Kind, atGateway.ParentId).ShouldBe(("gateway", SpanKind.Server, Caller));
        spans.Values.ShouldContain(span => span.Service == "study" && span.ParentId == atStudy.Id && span.Kind == SpanKind.Client, "the statements of the review");
        spans.Values.ShouldContain(span => span.Service == "progress" && span.ParentId == handler.Id && span.Kind == SpanKind.Client, "the statements of its points");
    }
}
