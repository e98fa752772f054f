using Mneme.Ai;
using Mneme.Ai.Domain;
using Mneme.Ai.Models;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;

namespace Mneme.IntegrationTests.Ai;

/// <summary>Budgets reserve before a call and settle after it, whatever happens at the same time or in between.</summary>
public sealed class BudgetTests(SharedApplication shared)
{
    /// <summary>What one call for the material reserves.</summary>
    private static readonly long Reserved = FlashcardPrompt.MostInputTokens(FlashcardPrompt.Messages(FlashcardOrder.Of(AiApplication.Request(Guid.NewGuid())))) + new AiOptions().MaxOutputTokens;

    [Fact]
    public async Task Fifty_calls_at_once_with_a_budget_for_ten_are_ten()
    {
        await using var ai = await StartAsync(("UserTokensPerDay", $"{10 * Reserved}"), ("UserMoneyPerDay", "1000"));
        var user = Guid.NewGuid();

        await FiftyAtOnceAsync(ai, () => user);

        (await ai.TokensAsync(user)).ShouldBe((10 * 1000L, 0L));
    }

    [Fact]
    public async Task Fifty_people_at_once_share_the_installations_budget()
    {
        // Money this time: ten reservations at the model's price.
        var micros = new AiOptions().AnthropicPrice.Micros(new TokenUsage(Reserved - new AiOptions().MaxOutputTokens, new AiOptions().MaxOutputTokens));
        await using var ai = await StartAsync(("InstallationMoneyPerDay", $"{10 * micros / 1_000_000m}"));

        await FiftyAtOnceAsync(ai, Guid.NewGuid);

        (await ai.TokensAsync(Guid.Empty)).ShouldBe((10 * 1000L, 0L));
        (await ai.App.QueryAsync<long>("ai", "select sum(reserved_tokens)::bigint from budget_days")).ShouldBe(0);
    }

    [Fact]
    public async Task A_spent_budget_says_when_it_is_renewed_and_is_renewed_then()
    {
        await using var ai = await StartAsync(("UserTokensPerDay", $"{Reserved + 500}"));
        var user = Guid.NewGuid();
        ai.App.Clock.MoveTo(new DateTimeOffset(2026, 3, 5, 22, 0, 0, TimeSpan.Zero));
        (await ai.AskAsync(AiApplication.Request(user))).Problem.ShouldBeNull();

        var spent = await ai.AskAsync(AiApplication.Request(user));

        spent.Problem!.Kind.ShouldBe(ProblemKind.TooManyRequests);
        spent.Problem.Code.ShouldBe("ai-budget-exhausted");
        spent.Problem.Detail.ShouldContain("2026-03-06 00:00 UTC");
        spent.Problem.RetryAfter!.Value.ShouldBe(TimeSpan.FromHours(2), TimeSpan.FromMinutes(1));
        ai.Provider.Requests.Count.ShouldBe(1);
        ai.App.Clock.Advance(TimeSpan.FromHours(2));
        (await ai.AskAsync(AiApplication.Request(user))).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Another_persons_budget_is_not_touched()
    {
        await using var ai = await StartAsync(("UserTokensPerDay", $"{Reserved}"));
        var user = Guid.NewGuid();
        await ai.AskAsync(AiApplication.Request(user));
        (await ai.AskAsync(AiApplication.Request(user))).Problem!.Code.ShouldBe("ai-budget-exhausted");

        (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task A_budget_of_nothing_makes_no_call()
    {
        await using var ai = await StartAsync(("InstallationTokensPerDay", "0"));

        (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem!.Detail.ShouldContain("this installation's");

        ai.Provider.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_the_budget_is_spent_the_offline_writer_steps_in_if_configured()
    {
        await using var ai = await StartAsync(("UserTokensPerDay", "0"), ("FallbackToOffline", "true"));

        var outcome = await ai.AskAsync(AiApplication.Request(Guid.NewGuid()));

        outcome.Problem.ShouldBeNull();
        outcome.Value!.Provider.ShouldBe("offline");
        outcome.Value.Model.ShouldBeNull();
        ai.Provider.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_dead_process_reserved_expires()
    {
        await using var ai = await StartAsync(("UserTokensPerDay", $"{Reserved}"));
        var user = Guid.NewGuid();
        // The run at the start is over, so that the next one sees the clock moved.
        await Eventually.TrueAsync(() => ai.App.QueryAsync<bool>("ai", "select leased_until is null and due_at > enqueued_at from jobs where kind = 'ai.tidy-up'"), "the first run is over");
        await ai.App.QueryAsync<int>("ai", """
            with r as (insert into reservations (id, user_id, day, tokens, micros, expires_at) values (gen_random_uuid(), $1, $2, 4000, 5000, $3)),
                 b as (insert into budget_days (owner_id, day, reserved_tokens, reserved_micros) values ($1, $2, 4000, 5000), ('00000000-0000-0000-0000-000000000000', $2, 4000, 5000))
            select 1
            """, user, DateOnly.FromDateTime(ai.App.Clock.GetUtcNow().UtcDateTime), ai.App.Clock.GetUtcNow().AddMinutes(5));
        (await ai.AskAsync(AiApplication.Request(user))).Problem!.Code.ShouldBe("ai-budget-exhausted");

        ai.App.Clock.Advance(TimeSpan.FromMinutes(6));

        await Eventually.TrueAsync(async () => await ai.TokensAsync(user) == (0L, 0L) && await ai.TokensAsync(Guid.Empty) == (0L, 0L), "the reservation is given back");
        (await ai.AskAsync(AiApplication.Request(user))).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Without_accounting_there_is_no_call()
    {
        var postgres = new PostgresServer();
        await postgres.StartAsync();
        await using var ai = await AiApplication.StartAsync(postgres, new AnthropicDialect(), ("FallbackToOffline", "true"));
        (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem.ShouldBeNull();
        ai.Provider.Script();

        await postgres.DisposeAsync();
        var outcome = await ai.AskAsync(AiApplication.Request(Guid.NewGuid()));

        outcome.Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
        outcome.Problem.Code.ShouldBe("ai-accounting-unavailable");
        ai.Provider.Requests.ShouldBeEmpty();
    }

    private Task<AiApplication> StartAsync(params (string Name, string Value)[] settings) => AiApplication.StartAsync(shared.Postgres, new AnthropicDialect(), settings);

    private static async Task FiftyAtOnceAsync(AiApplication ai, Func<Guid> user)
    {
        var gate = new TaskCompletionSource();
        ai.Provider.Script(ai.Dialect.Answer(Material.GoodAnswer) with { Until = gate.Task });

        var asked = Enumerable.Range(0, 50).Select(_ => ai.AskAsync(AiApplication.Request(user()))).ToList();
        await Eventually.TrueAsync(() => Task.FromResult(asked.Count(task => task.IsCompleted) == 40 && ai.Provider.Requests.Count == 10), "ten calls are under way and forty are refused");
        gate.SetResult();
        var outcomes = await Task.WhenAll(asked);

        outcomes.Count(outcome => outcome.Problem is null).ShouldBe(10);
        outcomes.Where(outcome => outcome.Problem is not null).ShouldAllBe(outcome => outcome.Problem!.Code == "ai-budget-exhausted");
        ai.Provider.Requests.Count.ShouldBe(10);
    }
}
