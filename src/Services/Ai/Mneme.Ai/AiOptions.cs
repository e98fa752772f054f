using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Ai.Domain;
using Mneme.Platform.Configuration;

namespace Mneme.Ai;

internal sealed class AiOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Ai";

    [Description("Who writes flashcards: anthropic, openai (and every endpoint that speaks its protocol) or offline. By default the provider whose key is set, and offline without a key.")]
    public AiProvider? Provider { get; set; }

    [Description("Let the offline writer step in when the provider cannot answer or the budget is spent. Otherwise the capture fails with the reason and can be retried.")]
    public bool FallbackToOffline { get; set; }

    [Description("Key for the Anthropic API.")]
    [Secret]
    public string? AnthropicApiKey { get; set; }

    [Description("Address of the Anthropic API.")]
    public Uri AnthropicBaseUrl { get; set; } = new("https://api.anthropic.com");

    [Description("Anthropic's model. Another one than the default needs its prices.")]
    [StringLength(100)]
    public string AnthropicModel { get; set; } = DefaultAnthropicModel;

    [Description("Price of a million input tokens of Anthropic's model; 2 for the default model.")]
    [Range(0, 10_000)]
    public decimal? AnthropicInputPrice { get; set; }

    [Description("Price of a million output tokens of Anthropic's model; 10 for the default model.")]
    [Range(0, 10_000)]
    public decimal? AnthropicOutputPrice { get; set; }

    [Description("Key for the OpenAI API, or for the compatible endpoint. Endpoints on this machine may do without.")]
    [Secret]
    public string? OpenAiApiKey { get; set; }

    [Description("Address of the OpenAI API or of a compatible endpoint, up to and without /chat/completions, such as http://localhost:11434/v1.")]
    public Uri OpenAiBaseUrl { get; set; } = new("https://api.openai.com/v1");

    [Description("Model at OpenAI or the compatible endpoint. Another one than the default needs its prices, 0 if it costs nothing.")]
    [StringLength(100)]
    public string OpenAiModel { get; set; } = DefaultOpenAiModel;

    [Description("Price of a million input tokens of that model; 0.20 for the default model.")]
    [Range(0, 10_000)]
    public decimal? OpenAiInputPrice { get; set; }

    [Description("Price of a million output tokens of that model; 1.20 for the default model.")]
    [Range(0, 10_000)]
    public decimal? OpenAiOutputPrice { get; set; }

    [Description("Currency of the prices and of the budgets, as a three-letter code.")]
    [RegularExpression("^[A-Z]{3}$", ErrorMessage = "must be a three-letter code such as USD.")]
    public string Currency { get; set; } = "USD";

    [Description("Tokens (input and output) that one user may spend on a day. Days are UTC days. 0 forbids paid calls.")]
    [Range(0, 1_000_000_000_000)]
    public long UserTokensPerDay { get; set; } = 500_000;

    [Description("Money that one user may spend on a day, in the currency of the prices.")]
    [Range(0, 1_000_000)]
    public decimal UserMoneyPerDay { get; set; } = 1;

    [Description("Tokens that all users together may spend on a day.")]
    [Range(0, 1_000_000_000_000)]
    public long InstallationTokensPerDay { get; set; } = 10_000_000;

    [Description("Money that all users together may spend on a day, in the currency of the prices.")]
    [Range(0, 1_000_000)]
    public decimal InstallationMoneyPerDay { get; set; } = 20;

    [Description("Longest answer that a model may give, in tokens; what it thinks before it answers counts too.")]
    [Range(256, 100_000)]
    public int MaxOutputTokens { get; set; } = 8_000;

    [Description("Time limit of one call to a model.")]
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:50")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(50);

    [Description("Time limit of one request for flashcards with all its calls and pauses; those who ask wait 120 seconds.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:55")]
    public TimeSpan OverallTimeout { get; set; } = TimeSpan.FromSeconds(110);

    [Description("How often a call is repeated after 429, 5xx, a time-out or a broken connection.")]
    [Range(0, 10)]
    public int Retries { get; set; } = 3;

    [Description("Pause before the first repetition; it doubles with each further one, with jitter. A provider's Retry-After goes first.")]
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:30")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    [Description("Longest Retry-After that is waited for; a longer one is passed on to the caller.")]
    [Range(typeof(TimeSpan), "00:00:00", "00:01:30")]
    public TimeSpan LongestRetryAfter { get; set; } = TimeSpan.FromSeconds(30);

    [Description("Calls within half a minute of which half must fail before a provider is left alone for a while.")]
    [Range(2, 1_000)]
    public int BreakerThroughput { get; set; } = 8;

    [Description("How long a failing provider is left alone before one call tries it again.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(20);

    [Description("How long answers are kept, so that the same work is not paid for twice.")]
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")]
    public TimeSpan AnswerRetention { get; set; } = TimeSpan.FromDays(30);

    [Description("How long the daily figures of usage are kept.")]
    [Range(typeof(TimeSpan), "7.00:00:00", "3650.00:00:00")]
    public TimeSpan UsageRetention { get; set; } = TimeSpan.FromDays(400);

    internal const string DefaultAnthropicModel = "claude-sonnet-5-5";
    internal const string DefaultOpenAiModel = "gpt-5.6-luna";

    /// <summary>The provider that is used.</summary>
    internal AiProvider ActiveProvider => Provider ?? this switch
    {
        { AnthropicApiKey.Length: > 0 } => AiProvider.Anthropic,
        { OpenAiApiKey.Length: > 0 } => AiProvider.OpenAi,
        _ => AiProvider.Offline,
    };

    internal TokenPrice AnthropicPrice => new(AnthropicInputPrice ?? 2m, AnthropicOutputPrice ?? 10m);

    internal TokenPrice OpenAiPrice => new(OpenAiInputPrice ?? 0.20m, OpenAiOutputPrice ?? 1.20m);

    internal bool IsConfigured(AiProvider provider) => provider switch
    {
        AiProvider.Anthropic => AnthropicApiKey is { Length: > 0 },
        AiProvider.OpenAi => OpenAiApiKey is { Length: > 0 } || OpenAiBaseUrl.IsLoopback,
        _ => true,
    };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider is null && AnthropicApiKey is { Length: > 0 } && OpenAiApiKey is { Length: > 0 })
            yield return Finding(nameof(Provider), "two keys are set: say which provider to use, anthropic or openai.");
        if (ActiveProvider == AiProvider.Anthropic && !IsConfigured(AiProvider.Anthropic))
            yield return Finding(nameof(AnthropicApiKey), "the provider anthropic needs its key.");
        if (ActiveProvider == AiProvider.OpenAi && !IsConfigured(AiProvider.OpenAi))
            yield return Finding(nameof(OpenAiApiKey), "the provider openai needs its key, unless Ai__OpenAiBaseUrl is on this machine.");
        if (!IsSafe(AnthropicBaseUrl))
            yield return Finding(nameof(AnthropicBaseUrl), InsecureAddress);
        if (!IsSafe(OpenAiBaseUrl))
            yield return Finding(nameof(OpenAiBaseUrl), InsecureAddress);
        if (ActiveProvider == AiProvider.Anthropic && AnthropicModel != DefaultAnthropicModel && (AnthropicInputPrice is null || AnthropicOutputPrice is null))
            yield return Finding(nameof(AnthropicModel), $"the prices of {AnthropicModel} are not known here: set Ai__AnthropicInputPrice and Ai__AnthropicOutputPrice.");
        if (ActiveProvider == AiProvider.OpenAi && OpenAiModel != DefaultOpenAiModel && (OpenAiInputPrice is null || OpenAiOutputPrice is null))
            yield return Finding(nameof(OpenAiModel), $"the prices of {OpenAiModel} are not known here: set Ai__OpenAiInputPrice and Ai__OpenAiOutputPrice, to 0 if it costs nothing.");
        if (OverallTimeout < CallTimeout)
            yield return Finding(nameof(OverallTimeout), "must not be shorter than Ai__CallTimeout.");
    }

    private const string InsecureAddress = "must begin with https://, unless it is on this machine: keys and texts would travel readable.";

    private static bool IsSafe(Uri address) => address is { IsAbsoluteUri: true } && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp && address.IsLoopback) && address.UserInfo.Length == 0;

    private static ValidationResult Finding(string member, string message) => new(message, [member]);
}

/// <summary>Who makes flashcards.</summary>
internal enum AiProvider
{
    /// <summary>Language processing on this machine, without a model.</summary>
    Offline,

    /// <summary>Anthropic's Messages API.</summary>
    Anthropic,

    /// <summary>OpenAI's Chat Completions API, or an endpoint that speaks it.</summary>
    OpenAi,
}

internal static class AiProviderNames
{
    /// <summary>The name in contracts, metrics and the API.</summary>
    public static string Name(this AiProvider provider) => provider switch
    {
        AiProvider.Anthropic => "anthropic",
        AiProvider.OpenAi => "openai",
        _ => "offline",
    };
}
