using System.Collections.Concurrent;
using Mneme.Contracts.Ai;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;
using Mneme.Platform.Services;
using Mneme.Study;

namespace Mneme.IntegrationTests.Study;

/// <summary>Stands for Ai, the outside of Study: answers as the test says, and remembers what it was asked.</summary>
internal sealed class ScriptedAi : IService
{
    public string Name => "ai";

    public ConcurrentQueue<GenerateFlashcards> Asked { get; private set; } = new();

    public Func<GenerateFlashcards, CancellationToken, Task<Outcome<GeneratedFlashcards>>> Answer { get; set; } = (request, _) => Task.FromResult<Outcome<GeneratedFlashcards>>(Cards(request));

    public void Describe(ServiceBuilder service) => service.Answers<GenerateFlashcards, GeneratedFlashcards>((GenerateFlashcards request, CancellationToken ct) =>
    {
        Asked.Enqueue(request);
        return Answer(request, ct);
    });

    public void Forget() => (Asked, Answer) = (new(), new ScriptedAi().Answer);

    public static GeneratedFlashcards Cards(GenerateFlashcards request, int count = 3) => new(
        "Generated title", "en", "offline", null, [.. Enumerable.Range(1, count).Select(i => new GeneratedFlashcard($"Front {i}", $"Back {i}", $"Sentence {i} of {request.Text.Length}."))]);

    /// <summary>An application of Study and this, on databases of its own unless a prefix is shared.</summary>
    public static async Task<(TestApplication App, ScriptedAi Ai)> StartAsync(SharedApplication shared, string? prefix = null, TestClock? clock = null)
    {
        var ai = new ScriptedAi();
        var app = await TestApplication.StartAsync(shared.Postgres, prefix, clock: clock, services: [new StudyService(), ai]);
        await StudyEvents.KeepAsync(app);
        return (app, ai);
    }
}

/// <summary>One application of Study and a scripted Ai for the tests of a class, which run one after the other.</summary>
public sealed class ScriptedAiApplication(SharedApplication shared) : IAsyncLifetime
{
    private ScriptedAi _ai = null!;

    public TestApplication App { get; private set; } = null!;

    /// <summary>The scripted Ai, without what an earlier test taught it.</summary>
    internal ScriptedAi NewAi()
    {
        _ai.Forget();
        return _ai;
    }

    public async ValueTask InitializeAsync() => (App, _ai) = await ScriptedAi.StartAsync(shared);

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
