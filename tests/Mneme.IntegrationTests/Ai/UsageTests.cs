using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Ai;
using Mneme.Contracts.Identity;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Ai;

/// <summary>What people and administrators see of the service, what it holds of a person, and how it works without a key.</summary>
public sealed class UsageTests(AiApplicationFixture<AnthropicDialect> fixture, SharedApplication shared) : IClassFixture<AiApplicationFixture<AnthropicDialect>>
{
    private readonly AiApplication _ai = fixture.Ai;
    private readonly Guid _user = Guid.NewGuid();

    [Fact]
    public async Task People_see_what_they_spent_and_nobody_elses()
    {
        await _ai.AskAsync(AiApplication.Request(_user));
        using var client = _ai.App.ClientOf(_user);
        using var stranger = _ai.App.ClientOf(Guid.NewGuid());

        var mine = (await client.GetFromJsonAsync<JsonObject>("ai/usage"))!;
        var theirs = (await stranger.GetFromJsonAsync<JsonObject>("ai/usage"))!;

        ((long)mine["today"]!["tokensSpent"]!, (long)mine["today"]!["tokensReserved"]!, (long)mine["today"]!["tokenLimit"]!).ShouldBe((1000L, 0L, 500_000L));
        ((decimal)mine["today"]!["costSpent"]!).ShouldBe(0.0044m);
        ((string)mine["currency"]!).ShouldBe("USD");
        var day = mine["days"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)day["provider"]!, (string)day["model"]!, (long)day["calls"]!, (long)day["inputTokens"]!, (long)day["outputTokens"]!).ShouldBe(("anthropic", "claude-sonnet-5-5", 1L, 700L, 300L));
        ((long)theirs["today"]!["tokensSpent"]!).ShouldBe(0);
        theirs["days"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Administrators_see_what_all_spent()
    {
        await _ai.AskAsync(AiApplication.Request(_user));
        using var admin = _ai.App.Admin();
        using var user = _ai.App.ClientOf(_user);

        var usage = (await admin.GetFromJsonAsync<JsonObject>("admin/ai/usage"))!;

        ((long)usage["today"]!["tokensSpent"]!).ShouldBeGreaterThanOrEqualTo(1000);
        usage["days"]!.AsArray().ShouldContain(day => (string)day!["provider"]! == "anthropic" && (long)day["users"]! >= 1);
        usage["topUsers"]!.AsArray().ShouldContain(top => (Guid)top!["userId"]! == _user && (long)top["tokensSpent"]! == 1000);
        (await user.GetAsync("admin/ai/usage")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Providers_are_listed_without_keys_and_for_people_who_are_signed_in()
    {
        using var client = _ai.App.ClientOf(_user);
        using var anonymous = _ai.App.Anonymous();

        var text = await client.GetStringAsync("ai/providers");

        text.ShouldNotContain("sk-secret-key");
        text.ShouldNotContain(_ai.Provider.Address.Port.ToString());
        var providers = JsonNode.Parse(text)!["providers"]!.AsArray();
        providers.Select(p => ((string)p!["name"]!, (bool)p["isActive"]!, (bool)p["isConfigured"]!))
            .ShouldBe([("anthropic", true, true), ("openai", false, false), ("offline", false, true)]);
        (await anonymous.GetAsync("ai/providers")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await anonymous.GetAsync("ai/usage")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_person_gets_a_copy_of_what_is_held()
    {
        await _ai.AskAsync(AiApplication.Request(_user));

        var export = await ExportAsync(_user);

        export.ShouldNotBeNull();
        ((string)export["generatedFlashcards"]![0]!["answer"]!["title"]!).ShouldBe("Mitochondria");
        ((long)export["usage"]![0]!["inputTokens"]!).ShouldBe(700);
        ((long)export["budgets"]![0]!["tokensSpent"]!).ShouldBe(1000);
        (await ExportAsync(Guid.NewGuid())).ShouldBeNull();
    }

    [Fact]
    public async Task A_deleted_person_is_forgotten_and_stays_so_however_often_it_is_said()
    {
        await _ai.AskAsync(AiApplication.Request(_user, key: "before"));

        await _ai.App.DeliverAsync(new UserDeleted(_user, 2), times: 50);
        var after = await _ai.AskAsync(AiApplication.Request(_user, key: "after"));

        after.Problem!.Code.ShouldBe("not-found");
        foreach (var (table, column) in new[] { ("generations", "user_id"), ("usage_days", "user_id"), ("budget_days", "owner_id"), ("reservations", "user_id") })
            (await _ai.App.QueryAsync<long>("ai", $"select count(*) from {table} where {column} = $1", _user)).ShouldBe(0, table);
    }

    [Fact]
    public async Task A_person_who_leaves_during_a_call_leaves_nothing_behind()
    {
        await using var ai = await AiApplication.StartAsync(shared.Postgres, new AnthropicDialect());
        var gate = new TaskCompletionSource();
        ai.Provider.Script(ai.Dialect.Answer(Material.GoodAnswer) with { Until = gate.Task });
        var asked = ai.AskAsync(AiApplication.Request(_user));
        await Eventually.TrueAsync(() => Task.FromResult(ai.Provider.Requests.Count == 1), "the call is under way");

        await ai.App.DeliverAsync(new UserDeleted(_user, 2));
        gate.SetResult();
        await asked;

        (await ExportAsync(_user, ai)).ShouldBeNull();
        (await ai.TokensAsync(_user)).ShouldBe((0L, 0L));
        (await ai.TokensAsync(Guid.Empty)).ShouldBe((1000L, 0L));
    }

    [Fact]
    public async Task A_refused_call_of_a_person_who_left_gives_the_installation_back_what_it_reserved_and_no_more()
    {
        await using var ai = await AiApplication.StartAsync(shared.Postgres, new AnthropicDialect());
        var gate = new TaskCompletionSource();
        ai.Provider.Script(ai.Dialect.Error(401, "authentication_error") with { Until = gate.Task }, ai.Dialect.Answer(Material.GoodAnswer));
        var other = Guid.NewGuid();
        var asked = ai.AskAsync(AiApplication.Request(_user));
        await Eventually.TrueAsync(() => Task.FromResult(ai.Provider.Requests.Count == 1), "the call is under way");

        await ai.App.DeliverAsync(new UserDeleted(_user, 2));
        gate.SetResult();
        (await asked).Problem!.Code.ShouldBe("ai-credentials-refused");

        (await ai.TokensAsync(Guid.Empty)).ShouldBe((0L, 0L));
        (await ai.AskAsync(AiApplication.Request(other))).Problem.ShouldBeNull();
        (await ai.TokensAsync(Guid.Empty)).ShouldBe((1000L, 0L));
    }

    [Fact]
    public async Task Without_a_key_cards_are_made_offline()
    {
        await using var scope = shared.App.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = "study";

        var outcome = await scope.ServiceProvider.GetRequiredService<IAsk>().Ask(
            new GenerateFlashcards(_user, "k", Material.Text, null, "My own title", null), TestContext.Current.CancellationToken);

        var deck = outcome.Value!;
        (deck.Title, deck.Language, deck.Provider, deck.Model).ShouldBe(("My own title", "en", "offline", null));
        deck.Cards.Count.ShouldBeInRange(3, 5);
        deck.Cards.ShouldAllBe(card => Material.Text.Contains(card.Source, StringComparison.Ordinal) && !card.Front.Contains(card.Back, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bonjour tout le monde, je suis content de vous voir ici ce matin avec les enfants.")]
    [InlineData("…!?")]
    public async Task A_text_without_cards_in_it_is_a_clear_problem(string text)
    {
        await using var scope = shared.App.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = "study";

        var outcome = await scope.ServiceProvider.GetRequiredService<IAsk>().Ask(new GenerateFlashcards(_user, "k", text, null, null, null), TestContext.Current.CancellationToken);

        outcome.Problem!.Code.ShouldBe(text.Length == 0 ? "invalid" : "no-flashcards");
    }

    [Fact]
    public async Task Somebody_must_pay()
    {
        (await _ai.AskAsync(AiApplication.Request(Guid.Empty))).Problem!.Errors!.Keys.ShouldBe(["userId"]);

        (await _ai.TokensAsync(Guid.Empty)).Reserved.ShouldBe(0);
    }

    private async Task<JsonNode?> ExportAsync(Guid userId, AiApplication? ai = null)
    {
        await using var scope = (ai ?? _ai).App.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = "identity";
        return (await scope.ServiceProvider.GetRequiredService<IAsk>().Ask(new ExportPersonalData(userId), "ai", TestContext.Current.CancellationToken)).Value!.Data;
    }
}
