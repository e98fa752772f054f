using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
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

    [Fact]
    public async Task A_password_is_compared_whether_or_not_there_is_an_account()
    {
        // An application of its own, so that nobody else's passwords are counted.
        await using var app = await TestApplication.StartAsync(shared.Postgres);
        var account = await Account.RegisterAsync(app);
        var hashing = app.Services.GetRequiredService<PasswordHashing>();
        using var client = Account.Stranger(app);
        foreach (var email in new[] { account.Email, Account.NewEmail(), "not an address" })
        {
            var before = hashing.Completed;
            (await client.PostAsJsonAsync("auth/login", new { email, password = "not the right one" })).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (hashing.Completed - before).ShouldBe(1, email);
        }
    }

    [Fact]
    public async Task A_password_of_earlier_times_is_hashed_anew_when_its_owner_signs_in()
    {
        var account = await Account.RegisterAsync(shared.App);
        var outdated = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 10_000 })).HashPassword(account, account.Password);
        await shared.App.QueryAsync<string>("identity", "update users set password_hash = $1 where id = $2 returning password_hash", outdated, account.Id);
        await account.LoginAsync();
        var renewed = await shared.App.QueryAsync<string>("identity", "select password_hash from users where id = $1", account.Id);
        renewed.ShouldNotBe(outdated);
        System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(renewed!).AsSpan(5)).ShouldBe(220_000);
        await account.LoginAsync();
    }
}
