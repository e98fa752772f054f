using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Identity;

public sealed class SessionTests(SharedApplication shared)
{
    [Fact]
    public async Task A_refresh_token_is_exchanged_for_new_tokens_of_the_same_session()
    {
        var account = await Account.RegisterAsync(shared.App);
        var response = await RefreshAsync(account.RefreshToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var answer = await response.JsonAsync();
        answer["user"]!["id"]!.GetValue<Guid>().ShouldBe(account.Id);
        answer.Text("refreshToken").ShouldNotBe(account.RefreshToken);
        (await Account.StatusOfMeAsync(shared.App, answer.Text("token"))).ShouldBe(HttpStatusCode.OK);
        (await shared.App.QueryAsync<long>("identity", "select count(*) from sessions where user_id = $1", account.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_refresh_token_that_comes_twice_ends_its_session_for_everybody()
    {
        var account = await Account.RegisterAsync(shared.App);
        var next = await (await RefreshAsync(account.RefreshToken)).JsonAsync();

        var reused = await RefreshAsync(account.RefreshToken);
        reused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await reused.CodeAsync()).ShouldBe("refresh-token-reused");
        (await RefreshAsync(next.Text("refreshToken"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Account.StatusOfMeAsync(shared.App, next.Text("token"))).ShouldBe(HttpStatusCode.Unauthorized);
        (await Account.StatusOfMeAsync(shared.App, account.Token)).ShouldBe(HttpStatusCode.Unauthorized);
        (await shared.App.QueryAsync<long>("identity", "select count(*) from audit where subject_id = $1 and action = 'session.refresh-reused'", account.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task Of_twenty_uses_of_a_refresh_token_at_once_at_most_one_succeeds()
    {
        var account = await Account.RegisterAsync(shared.App);
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RefreshAsync(account.RefreshToken)));
        responses.Count(r => r.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        responses.Count(r => r.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(19);
    }

    [Fact]
    public async Task A_client_that_lost_the_answer_repeats_its_request_with_the_same_key()
    {
        var account = await Account.RegisterAsync(shared.App);
        var key = Guid.NewGuid().ToString();
        var lost = await (await RefreshAsync(account.RefreshToken, key)).JsonAsync();
        var repeated = await RefreshAsync(account.RefreshToken, key);
        repeated.StatusCode.ShouldBe(HttpStatusCode.OK);

        var next = await RefreshAsync((await repeated.JsonAsync()).Text("refreshToken"));
        next.StatusCode.ShouldBe(HttpStatusCode.OK);
        // Nobody should have the lost one; whoever does has it from the wire.
        (await (await RefreshAsync(lost.Text("refreshToken"))).CodeAsync()).ShouldBe("refresh-token-reused");
    }

    [Fact]
    public async Task Another_key_does_not_make_a_repetition()
    {
        var account = await Account.RegisterAsync(shared.App);
        (await RefreshAsync(account.RefreshToken, "one")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await RefreshAsync(account.RefreshToken, "other")).CodeAsync()).ShouldBe("refresh-token-reused");
    }

    [Fact]
    public async Task An_unknown_refresh_token_is_refused()
    {
        var response = await RefreshAsync("x");
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await response.CodeAsync()).ShouldBe("invalid-refresh-token");
    }

    [Fact]
    public async Task Refresh_tokens_are_stored_as_hashes_only()
    {
        var account = await Account.RegisterAsync(shared.App);
        var stored = await shared.App.QueryAsync<byte[]>("identity", "select t.hash from refresh_tokens t join sessions s on s.id = t.session_id where s.user_id = $1", account.Id);
        stored.ShouldBe(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(account.RefreshToken)));
        account.RefreshToken.Length.ShouldBe(43, "256 bits in base64url");
    }

    [Fact]
    public async Task Logging_out_ends_the_session_at_once()
    {
        var account = await Account.RegisterAsync(shared.App);
        var elsewhere = await account.LoginAsync();
        using var client = account.Client();
        (await client.PostAsync("auth/logout", content: null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await client.GetAsync("auth/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await RefreshAsync(account.RefreshToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Account.StatusOfMeAsync(shared.App, elsewhere.Token)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_one_by_one()
    {
        var account = await Account.RegisterAsync(shared.App);
        var elsewhere = await account.LoginAsync();
        using var client = account.Client();
        var first = (await client.GetFromJsonAsync<JsonNode>("auth/sessions?limit=1"))!;
        first["items"]!.AsArray().Count.ShouldBe(1);
        first["items"]![0]!["current"]!.GetValue<bool>().ShouldBeFalse();
        var rest = (await client.GetFromJsonAsync<JsonNode>($"auth/sessions?limit=1&cursor={first.Text("nextCursor")}"))!;
        rest["items"]![0]!["current"]!.GetValue<bool>().ShouldBeTrue();

        var id = first["items"]![0]!.Text("id");
        using var stranger = (await Account.RegisterAsync(shared.App)).Client();
        (await stranger.DeleteAsync($"auth/sessions/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.DeleteAsync($"auth/sessions/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Account.StatusOfMeAsync(shared.App, elsewhere.Token)).ShouldBe(HttpStatusCode.Unauthorized);
        (await Account.StatusOfMeAsync(shared.App, account.Token)).ShouldBe(HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> RefreshAsync(string token, string? key = null)
    {
        using var client = Account.Stranger(shared.App);
        if (key is not null)
            client.DefaultRequestHeaders.Add("Idempotency-Key", key);
        return await client.PostAsJsonAsync("auth/refresh", new { refreshToken = token });
    }
}
