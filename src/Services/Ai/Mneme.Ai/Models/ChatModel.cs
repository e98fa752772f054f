using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Mneme.Ai.Domain;
using OpenAI;
using OpenAI.Chat;
using Polly;

namespace Mneme.Ai.Models;

/// <summary>The configured model: its client, its price, and how calls to its provider are repeated and held back.</summary>
internal sealed class ChatModel(string provider, string name, TokenPrice price, IChatClient client, ResiliencePipeline<ModelReply> pipeline) : IDisposable
{
    public string Provider { get; } = provider;

    public string Name { get; } = name;

    public TokenPrice Price { get; } = price;

    public IChatClient Client { get; } = client;

    public ResiliencePipeline<ModelReply> Pipeline { get; } = pipeline;

    /// <summary>The model of the active provider.</summary>
    /// <exception cref="InvalidOperationException">The active provider has no model.</exception>
    public static ChatModel Of(AiOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var provider = options.ActiveProvider.Name();
        var pipeline = CallPolicy.Pipeline(options, time);
        var http = new ProviderTransport(provider, time, loggers.CreateLogger<ProviderTransport>()).Client();
        return options.ActiveProvider switch
        {
            AiProvider.Anthropic => new ChatModel(provider, options.AnthropicModel, options.AnthropicPrice, Anthropic(options, http), pipeline),
            AiProvider.OpenAi => new ChatModel(provider, options.OpenAiModel, options.OpenAiPrice, OpenAi(options, http), pipeline),
            _ => throw new InvalidOperationException($"The provider {provider} has no model."),
        };
    }

    public void Dispose() => Client.Dispose();

    // Repetition is ours in both cases, because each attempt is accounted for; so are time limits.
    private static IChatClient Anthropic(AiOptions options, HttpClient http) => new AnthropicClient(new ClientOptions
    {
        ApiKey = options.AnthropicApiKey,
        BaseUrl = options.AnthropicBaseUrl.AbsoluteUri.TrimEnd('/'),
        HttpClient = http,
        MaxRetries = 0,
        Timeout = TimeSpan.FromMinutes(5),
    }).AsIChatClient(options.AnthropicModel, options.MaxOutputTokens);

    private static OpenAiChatClient OpenAi(AiOptions options, HttpClient http) => new(new ChatClient(
        options.OpenAiModel,
        // Endpoints on this machine often need no key, but the library does.
        new ApiKeyCredential(options.OpenAiApiKey is { Length: > 0 } key ? key : "none"),
        new OpenAIClientOptions
        {
            Endpoint = options.OpenAiBaseUrl,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = TimeSpan.FromMinutes(5),
        }));
}

/// <summary>What came of a call: an answer, a failure of the provider, or a refusal on our side before anything was sent.</summary>
internal sealed record ModelReply(ChatResponse? Response, ModelFailure? Failure, Mneme.Platform.Domain.Problem? Refusal)
{
    public static ModelReply Answered(ChatResponse response) => new(response, null, null);

    public static ModelReply Failed(ModelFailure failure) => new(null, failure, null);

    public static ModelReply Refused(Mneme.Platform.Domain.Problem problem) => new(null, null, problem);
}
