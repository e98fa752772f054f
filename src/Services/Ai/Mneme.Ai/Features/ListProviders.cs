using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;

namespace Mneme.Ai.Features;

/// <param name="Providers">All providers that this program knows.</param>
/// <param name="FallsBackToOffline">Whether the offline writer steps in for the active provider.</param>
internal sealed record ProvidersResponse(IReadOnlyList<ProviderResponse> Providers, bool FallsBackToOffline);

/// <param name="Name">anthropic, openai or offline.</param>
/// <param name="IsActive">Whether it makes the flashcards here.</param>
/// <param name="IsConfigured">Whether it has what it needs.</param>
/// <param name="Model">The configured model; null for offline.</param>
internal sealed record ProviderResponse(string Name, bool IsActive, bool IsConfigured, string? Model);

/// <summary>Who makes the flashcards here. Keys and addresses are not told.</summary>
internal static class ListProviders
{
    internal static void Map(IEndpointRouteBuilder api) => api.MapGet("/ai/providers", Handle).SignedIn()
        .WithName("ListAiProviders").WithSummary("Which AI providers there are, and which one is active").Produces<ProvidersResponse>();

    internal static Task<Outcome<ProvidersResponse>> Handle(AiOptions options)
    {
        var providers = new[] { AiProvider.Anthropic, AiProvider.OpenAi, AiProvider.Offline }
            .Select(provider => new ProviderResponse(provider.Name(), provider == options.ActiveProvider, options.IsConfigured(provider), Model(provider, options)));
        return Task.FromResult<Outcome<ProvidersResponse>>(new ProvidersResponse([.. providers], options.FallbackToOffline && options.ActiveProvider != AiProvider.Offline));
    }

    private static string? Model(AiProvider provider, AiOptions options) => provider switch
    {
        AiProvider.Anthropic => options.AnthropicModel,
        AiProvider.OpenAi => options.OpenAiModel,
        _ => null,
    };
}
