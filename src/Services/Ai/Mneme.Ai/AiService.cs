using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mneme.Ai.Domain;
using Mneme.Ai.Features;
using Mneme.Ai.Infrastructure;
using Mneme.Ai.Models;
using Mneme.Contracts.Ai;
using Mneme.Platform.Services;

namespace Mneme.Ai;

/// <summary>Makes flashcards from texts, by a model or offline, within budgets.</summary>
public sealed class AiService : IService
{
    public string Name => "ai";

    public void Describe(ServiceBuilder service)
    {
        service
            .Database<AiDb>(poolSize: 8)
            .Options<AiOptions>()
            .Answers<GenerateFlashcards, GeneratedFlashcards>(AnswerGenerateFlashcards.Handle)
            .Recurring("ai.tidy-up", TidyUp.Interval, TidyUp.Run)
            .PersonalData<AiPersonalData>()
            .Endpoints(GetUsage.Map, ListProviders.Map, GetInstallationUsage.Map);
        service.Services.AddScoped<BudgetLedger>();
        service.Services.AddScoped<AnswerStore>();
        service.Services.AddScoped<AnswerGenerateFlashcards>();
        service.Services.AddSingleton<OfflineFlashcardWriter>();
        service.Services.AddSingleton(provider => ChatModel.Of(
            provider.GetRequiredService<AiOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        service.Services.AddScoped<MeteredModel>();
        service.Services.AddScoped<IFlashcardWriter>(provider => provider.GetRequiredService<AiOptions>().ActiveProvider == AiProvider.Offline
            ? provider.GetRequiredService<OfflineFlashcardWriter>()
            : ActivatorUtilities.CreateInstance<ModelFlashcardWriter>(provider));
    }
}
