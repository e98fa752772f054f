using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Identity.Infrastructure;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Identity;

public sealed class LoginTests(SharedApplication shared)
{
    [Fact]
    public async Task The_right_password_signs_in()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = Account.Stranger(shared.App);
        var response = await client.PostAsJsonAsync("auth/login", new { email = account.Email.ToUpperInvariant(), password = account.Password });
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var answer = await response.JsonAsync();
        answer["user"]!["id"]!.GetValue<Guid>().ShouldBe(account.Id);
        (await Account.StatusOfMeAsync(shared.App, answer.Text("token"))).ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("Set-Cookie").Single().ShouldContain("httponly", Case.Insensitive);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_account_are_answered_alike_after_the_same_work()
    {
        var account = await Account.RegisterAsync(shared.App);
        using var client = Account.Stranger(shared.App);
        var wrong = await client.PostAsJsonAsync("auth/login", new { email = account.Email, password = "not the right one" });
        var unknown = await client.PostAsJsonAsync("auth/login", new { email = Account.NewEmail(), password = "not the right one" });

        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        unknown.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var (one, other) = ((await wrong.JsonAsync()).AsObject(), (await unknown.JsonAsync()).AsObject());
        one.Remove("traceId");
        other.Remove("traceId");
        one.ToJsonString().ShouldBe(other.ToJsonString());
        wrong.Headers.Select(h => h.Key).ShouldBe(unknown.Headers.Select(h => h.Key));
    }
}
