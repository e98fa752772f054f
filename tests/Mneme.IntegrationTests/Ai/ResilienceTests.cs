using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;

namespace Mneme.IntegrationTests.Ai;

/// <summary>Slow and failing providers, with limits of their own.</summary>
public sealed class ResilienceTests(SharedApplication shared)
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    [Theory]
    [InlineData("anthropic")]
    [InlineData("openai")]
    public async Task A_slow_answer_is_given_up_and_asked_for_again(string provider)
    {
        IDialect dialect = provider == "anthropic" ? new AnthropicDialect() : new OpenAiDialect();
        await using var ai = await AiApplication.StartAsync(shared.Postgres, dialect, ("CallTimeout", "00:00:04"));
        ai.Provider.Script(dialect.Answer(Material.GoodAnswer) with { Until = Never }, dialect.Answer(Material.GoodAnswer));
        var user = Guid.NewGuid();

        (await ai.AskAsync(AiApplication.Request(user))).Problem.ShouldBeNull();

        ai.Provider.Requests.Count.ShouldBe(2);
        // The call that was given up may be billed: it counts in full.
        var (spent, reserved) = await ai.TokensAsync(user);
        spent.ShouldBeGreaterThan(8000);
        reserved.ShouldBe(0);
    }

    [Fact]
    public async Task A_provider_that_never_answers_ends_in_a_problem()
    {
        await using var ai = await StartAsync(("CallTimeout", "00:00:00.500"), ("Retries", "2"));
        ai.Provider.Script(ai.Dialect.Answer(Material.GoodAnswer) with { Until = Never });

        var outcome = await ai.AskAsync(AiApplication.Request(Guid.NewGuid()));

        outcome.Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
        outcome.Problem.Code.ShouldBe("ai-timeout");
        ai.Provider.Requests.Count.ShouldBeInRange(1, 3);
    }

    [Fact]
    public async Task All_attempts_together_have_a_limit()
    {
        await using var ai = await StartAsync(("CallTimeout", "00:00:01"), ("OverallTimeout", "00:00:03"), ("Retries", "10"));
        ai.Provider.Script(ai.Dialect.Answer(Material.GoodAnswer) with { Until = Never });

        var outcome = await ai.AskAsync(AiApplication.Request(Guid.NewGuid()));

        outcome.Problem!.Code.ShouldBe("ai-timeout");
        ai.Provider.Requests.Count.ShouldBeInRange(1, 4);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_call_and_frees_the_key()
    {
        await using var ai = await StartAsync();
        ai.Provider.Script(ai.Dialect.Answer(Material.GoodAnswer) with { Until = Never }, ai.Dialect.Answer(Material.GoodAnswer));
        using var leave = new CancellationTokenSource();
        var user = Guid.NewGuid();
        var asked = ai.AskAsync(AiApplication.Request(user, key: "k"), leave.Token);
        await Eventually.TrueAsync(() => Task.FromResult(ai.Provider.Requests.Count == 1), "the call is under way");

        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asked);

        (await ai.TokensAsync(user)).Reserved.ShouldBe(0);
        (await ai.AskAsync(AiApplication.Request(user, key: "k"))).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task A_failing_provider_is_left_alone_for_a_while_and_then_tried_again()
    {
        await using var ai = await StartAsync(("Retries", "0"), ("BreakerThroughput", "4"), ("BreakerPause", "00:01:00"));
        ai.Provider.Script(ai.Dialect.Error(500, "api_error"));
        for (var i = 0; i < 4; i++)
            (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem!.Code.ShouldBe("ai-unavailable");
        ai.Provider.Script();

        var whileOpen = await ai.AskAsync(AiApplication.Request(Guid.NewGuid()));

        whileOpen.Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
        whileOpen.Problem.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        ai.Provider.Requests.ShouldBeEmpty();
        ai.App.Clock.Advance(TimeSpan.FromSeconds(61));
        (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem.ShouldBeNull();
        (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Refusals_of_a_key_do_not_open_the_circuit()
    {
        await using var ai = await StartAsync(("Retries", "0"), ("BreakerThroughput", "2"));
        ai.Provider.Script(ai.Dialect.Error(401, "authentication_error"));
        for (var i = 0; i < 6; i++)
            (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem!.Code.ShouldBe("ai-credentials-refused");

        ai.Provider.Requests.Count.ShouldBe(6);
    }

    [Fact]
    public async Task An_address_where_nobody_listens_costs_nothing()
    {
        await using var ai = await StartAsync(("AnthropicBaseUrl", "http://127.0.0.1:9"), ("Retries", "1"));
        var user = Guid.NewGuid();

        (await ai.AskAsync(AiApplication.Request(user))).Problem!.Code.ShouldBe("ai-unavailable");

        (await ai.TokensAsync(user)).ShouldBe((0L, 0L));
    }

    [Fact]
    public async Task When_the_provider_fails_the_offline_writer_steps_in_if_configured()
    {
        await using var ai = await StartAsync(("Retries", "0"), ("FallbackToOffline", "true"));
        ai.Provider.Script(ai.Dialect.Error(500, "api_error"));
        var user = Guid.NewGuid();

        var outcome = await ai.AskAsync(AiApplication.Request(user, key: "k"));

        outcome.Value!.Provider.ShouldBe("offline");
        outcome.Value.Cards.Count.ShouldBeGreaterThanOrEqualTo(3);
        // The same key has the same answer, although the provider is well again.
        ai.Provider.Script();
        (await ai.AskAsync(AiApplication.Request(user, key: "k"))).Value!.Provider.ShouldBe("offline");
    }

    [Fact]
    public async Task When_nobody_can_make_cards_the_providers_reason_is_told()
    {
        await using var ai = await StartAsync(("Retries", "0"), ("FallbackToOffline", "true"));
        ai.Provider.Script(ai.Dialect.Error(401, "authentication_error"));

        (await ai.AskAsync(AiApplication.Request(Guid.NewGuid(), text: "…"))).Problem!.Code.ShouldBe("ai-credentials-refused");
    }

    [Fact]
    public async Task The_claim_of_a_dead_process_is_taken_over_when_its_time_is_up()
    {
        await using var ai = await StartAsync(("CallTimeout", "00:00:03"), ("OverallTimeout", "00:00:03"));
        var request = AiApplication.Request(Guid.NewGuid(), key: "k");
        // What a process leaves behind that dies with the claim in hand.
        await ai.App.QueryAsync<int>("ai", """
            with g as (insert into generations (user_id, key, request_hash, claim_id, claimed_until, created_at)
                       values ($1, 'k', sha256($2), gen_random_uuid(), $3, now())) select 1
            """, request.UserId, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { request.Text, request.Language, request.Title, request.Count }, Mneme.Platform.Json.Options),
            ai.App.Clock.GetUtcNow().AddMinutes(5));

        (await ai.AskAsync(request)).Problem!.Code.ShouldBe("ai-in-progress");
        ai.Provider.Requests.ShouldBeEmpty();
        ai.App.Clock.Advance(TimeSpan.FromMinutes(5));
        (await ai.AskAsync(request)).Problem.ShouldBeNull();
        ai.Provider.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("json_object")]
    [InlineData("none")]
    public async Task An_endpoint_without_schemas_is_asked_in_a_form_that_it_knows(string knows)
    {
        var dialect = new OpenAiDialect();
        dialect.Formats.Clear();
        dialect.Formats.Add(knows);
        await using var ai = await AiApplication.StartAsync(shared.Postgres, dialect);

        (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem.ShouldBeNull();
        var tries = ai.Provider.Requests.Count;
        (await ai.AskAsync(AiApplication.Request(Guid.NewGuid()))).Problem.ShouldBeNull();

        tries.ShouldBe(knows == "json_object" ? 2 : 3);
        // What worked is remembered.
        ai.Provider.Requests.Count.ShouldBe(tries + 1);
        ai.Provider.Requests[^1].Body["response_format"]?["type"]?.GetValue<string>().ShouldBe(knows);
    }

    private Task<AiApplication> StartAsync(params (string Name, string Value)[] settings) => AiApplication.StartAsync(shared.Postgres, new AnthropicDialect(), settings);
}
