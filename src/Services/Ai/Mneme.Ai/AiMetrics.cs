using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mneme.Ai.Domain;

namespace Mneme.Ai;

/// <summary>What is spent, and how the providers fare.</summary>
internal static class AiMetrics
{
    public const string Name = "Mneme.Ai";

    private static readonly Meter Meter = new(Name);
    private static readonly ActivitySource Source = new(Name);
    private static readonly Counter<long> Calls = Meter.CreateCounter<long>("mneme.ai.calls", "{call}", "Answered calls to models.");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("mneme.ai.failures", "{call}", "Failed, refused and unusable calls to models.");
    private static readonly Counter<long> Tokens = Meter.CreateCounter<long>("mneme.ai.tokens", "{token}", "Tokens spent.");
    private static readonly Counter<long> Cards = Meter.CreateCounter<long>("mneme.ai.cards", "{card}", "Flashcards generated.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("mneme.ai.call.duration", "s", "Duration of answered calls to models.");

    public static Activity? StartCall(string provider, string model) =>
        Source.StartActivity("ai.call", ActivityKind.Client)?.SetTag("ai.provider", provider).SetTag("ai.model", model);

    public static void Called(string provider, string model, TokenUsage usage, TimeSpan duration)
    {
        var byProvider = new KeyValuePair<string, object?>("provider", provider);
        var byModel = new KeyValuePair<string, object?>("model", model);
        Calls.Add(1, byProvider, byModel);
        Tokens.Add(usage.InputTokens, byProvider, byModel, new("direction", "input"));
        Tokens.Add(usage.OutputTokens, byProvider, byModel, new("direction", "output"));
        Duration.Record(duration.TotalSeconds, byProvider, byModel);
    }

    public static void Failed(string provider, string reason) => Failures.Add(1, new("provider", provider), new("reason", reason));

    public static void Generated(string provider, int cards) => Cards.Add(cards, new KeyValuePair<string, object?>("provider", provider));
}
