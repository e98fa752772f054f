using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Identity.Infrastructure;
using Mneme.IntegrationTests.Support;
using Npgsql;

namespace Mneme.IntegrationTests.Identity;

/// <summary>Several instances on one database, and the passing of time.</summary>
public sealed class InstancesTests(SharedApplication shared)
{
    [Fact]
    public async Task Instances_that_start_at_once_agree_on_keys_and_on_ended_sessions()
    {
        var prefix = "t" + Guid.NewGuid().ToString("n")[..12];
        await using var first = await TestApplication.StartAsync(shared.Postgres, prefix);
        await using var second = await TestApplication.StartAsync(shared.Postgres, prefix);
        // Their data folders differ, and so do the keys they sign with; each verifies the other's.
        var account = await Account.RegisterAsync(first);
        await Eventually.TrueAsync(async () => await Account.StatusOfMeAsync(second, account.Token) == HttpStatusCode.OK, "the second instance knows the first one's key");
        using var refreshing = Account.Stranger(second);
        var refreshed = await (await refreshing.PostAsJsonAsync("auth/refresh", new { refreshToken = account.RefreshToken })).JsonAsync();
        await Eventually.TrueAsync(async () => await Account.StatusOfMeAsync(first, refreshed.Text("token")) == HttpStatusCode.OK, "the first instance learns the second one's key");

        using var client = Account.With(first, refreshed.Text("token"));
        (await client.PostAsync("auth/logout", content: null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Eventually.TrueAsync(async () => await Account.StatusOfMeAsync(second, refreshed.Text("token")) == HttpStatusCode.Unauthorized, "the end of the session is known everywhere");
        await using var third = await TestApplication.StartAsync(shared.Postgres, prefix);
        (await Account.StatusOfMeAsync(third, refreshed.Text("token"))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Instances_with_one_key_file_make_one_key_however_they_start()
    {
        var prefix = "t" + Guid.NewGuid().ToString("n")[..12];
        await using var app = await TestApplication.StartAsync(shared.Postgres, prefix);
        await app.QueryAsync<string>("identity", "delete from signing_keys returning id");
        var rings = Enumerable.Range(0, 8).Select(_ => ActivatorUtilities.CreateInstance<KeyRing>(app.Services)).ToList();
        await Task.WhenAll(rings.Select(ring => ring.RefreshAsync(CancellationToken.None)));
        (await app.QueryAsync<long>("identity", "select count(*) from signing_keys")).ShouldBe(1);
        var ids = await Task.WhenAll(rings.Select(async ring => (await ring.CurrentAsync(CancellationToken.None)).Id));
        ids.Distinct().Count().ShouldBe(1);
        var secret = await app.QueryAsync<byte[]>("identity", "select private_key from signing_keys");
        var plain = (await rings[0].CurrentAsync(CancellationToken.None)).Key.ExportECPrivateKey();
        Convert.ToHexString(secret!).ShouldNotContain(Convert.ToHexString(plain.AsSpan(7, 32)), customMessage: "the private key is protected");
        foreach (var ring in rings)
            ring.Dispose();
    }

    [Fact]
    public async Task Keys_rotate_ahead_of_time_and_stay_published_as_long_as_their_tokens_live()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres);
        var ring = app.Services.GetRequiredService<KeyRing>();
        var first = (await ring.CurrentAsync(CancellationToken.None)).Id;

        app.Clock.Advance(KeyRing.SigningLifetime - KeyRing.Announcement + TimeSpan.FromHours(1));
        await ring.RefreshAsync(CancellationToken.None);
        ring.Published.Select(k => k.Id).ShouldContain(first);
        ring.Published.Count().ShouldBe(2, "the next key is announced");
        (await ring.CurrentAsync(CancellationToken.None)).Id.ShouldBe(first);
        var account = await Account.RegisterAsync(app);
        Jwt.Header(account.Token).Text("kid").ShouldBe(first);

        app.Clock.Advance(KeyRing.Announcement - TimeSpan.FromMinutes(62));
        var late = await account.LoginAsync();
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        var second = (await ring.CurrentAsync(CancellationToken.None)).Id;
        second.ShouldNotBe(first);
        Jwt.Header(late.Token).Text("kid").ShouldBe(first);
        (await Account.StatusOfMeAsync(app, late.Token)).ShouldBe(HttpStatusCode.OK);
        Jwt.Header((await account.LoginAsync()).Token).Text("kid").ShouldBe(second);

        app.Clock.Advance(TimeSpan.FromHours(2));
        await ring.RefreshAsync(CancellationToken.None);
        ring.Published.Select(k => k.Id).ShouldBe([second]);
        ring.Find(first).ShouldBeNull();
    }

    [Fact]
    public async Task A_session_ends_after_two_weeks_of_silence_and_after_ninety_days_at_any_rate()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres);
        var silent = await Account.RegisterAsync(app);
        var busy = await Account.RegisterAsync(app);
        using var client = Account.Stranger(app);
        var token = busy.RefreshToken;
        for (var day = 0; day < 84; day += 12)
        {
            app.Clock.Advance(TimeSpan.FromDays(12));
            var response = await client.PostAsJsonAsync("auth/refresh", new { refreshToken = token });
            response.StatusCode.ShouldBe(HttpStatusCode.OK, $"day {day + 12}");
            token = (await response.JsonAsync()).Text("refreshToken");
        }

        (await client.PostAsJsonAsync("auth/refresh", new { refreshToken = silent.RefreshToken })).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        app.Clock.Advance(TimeSpan.FromDays(7));
        (await client.PostAsJsonAsync("auth/refresh", new { refreshToken = token })).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres);
        var email = Account.NewEmail();
        await Mneme.Identity.UserAdministration.CreateAsync(app.Services, email, "Root", "ADMIN", Account.GoodPassword, CancellationToken.None);
        (await Mneme.Identity.UserAdministration.SetRoleAsync(app.Services, email, "USER", CancellationToken.None)).Problem!.Code.ShouldBe("last-administrator");
        (await Mneme.Identity.UserAdministration.DisableAsync(app.Services, email, isDisabled: true, CancellationToken.None)).Problem!.Code.ShouldBe("last-administrator");
        var other = Account.NewEmail();
        await Mneme.Identity.UserAdministration.CreateAsync(app.Services, other, "Root", "ADMIN", Account.GoodPassword, CancellationToken.None);
        var outcomes = await Task.WhenAll(
            Mneme.Identity.UserAdministration.SetRoleAsync(app.Services, email, "USER", CancellationToken.None),
            Mneme.Identity.UserAdministration.SetRoleAsync(app.Services, other, "USER", CancellationToken.None));
        outcomes.Count(o => o.Problem is null).ShouldBe(1);
        (await app.QueryAsync<long>("identity", "select count(*) from users where role = 'ADMIN'")).ShouldBe(1);
    }

    [Fact]
    public async Task Retention_removes_what_has_had_its_time()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres);
        var account = await Account.RegisterAsync(app);
        using var client = Account.Stranger(app);
        await client.PostAsJsonAsync("auth/login", new { email = account.Email, password = "guess" });
        app.Clock.Advance(TimeSpan.FromDays(200));
        await using var scope = app.Services.CreateAsyncScope();
        await Retention.Run(scope.ServiceProvider.GetRequiredService<IdentityDb>(), app.Clock, CancellationToken.None);
        (await app.QueryAsync<long>("identity", """
            select (select count(*) from sessions) + (select count(*) from refresh_tokens) + (select count(*) from throttle_counters)
                + (select count(*) from known_devices) + (select count(*) from signing_keys where published_until < $1)
            """, app.Clock.GetUtcNow())).ShouldBe(0);
        (await app.QueryAsync<long>("identity", "select count(*) from users")).ShouldBe(1);
    }

    [Fact]
    public async Task Retention_does_not_wait_for_a_sign_in_that_is_being_counted()
    {
        await using var app = await TestApplication.StartAsync(shared.Postgres);
        using var client = Account.Stranger(app);
        await client.PostAsJsonAsync("auth/login", new { email = Account.NewEmail(), password = "guess" });
        await using var connection = await app.Database("identity").OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var counting = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var count = new NpgsqlCommand("select from throttle_counters order by key limit 1 for update", connection);
        await count.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        app.Clock.Advance(TimeSpan.FromDays(1));
        await using var scope = app.Services.CreateAsyncScope();
        await Retention.Run(scope.ServiceProvider.GetRequiredService<IdentityDb>(), app.Clock, CancellationToken.None);

        (await app.QueryAsync<long>("identity", "select count(*) from throttle_counters")).ShouldBe(1);
    }
}
