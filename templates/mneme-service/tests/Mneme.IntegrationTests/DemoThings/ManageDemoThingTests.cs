using System.Net;
using Mneme.Contracts.DemoThings;
using static Mneme.IntegrationTests.DemoThings.DemoThingsApi;

namespace Mneme.IntegrationTests.DemoThings;

[Collection(DemoThingsTests.Name)]
public sealed class ManageDemoThingTests(DemoThingsApplication demoThings)
{
    [Fact]
    public async Task What_was_created_is_read_again_with_its_version()
    {
        using var person = demoThings.NewPerson();
        using var response = await person.SendAsync(HttpMethod.Post, "demo-things", new { title = "  Water \n them", description = "Every\r\nday " });
        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        var created = await JsonAsync(response);
        response.Headers.Location!.ToString().ShouldBe($"/api/v1/demo-things/{IdOf(created)}");
        response.Headers.ETag!.Tag.ShouldBe("\"1\"");
        var read = await person.GetAsync($"demo-things/{IdOf(created)}");
        (read["title"]!.GetValue<string>(), read["description"]!.GetValue<string>(), read["completedAt"]).ShouldBe(("Water them", "Every\nday", null));
        read["createdAt"]!.GetValue<DateTimeOffset>().ShouldBe(demoThings.App.Clock.GetUtcNow(), TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData("", null, "title")]
    [InlineData(" \u0007 ", null, "title")]
    [InlineData(null, null, "title")]
    [InlineData("Water", 2_001, "description")]
    public async Task A_wrong_field_is_named(string? title, int? descriptionLength, string field)
    {
        using var person = demoThings.NewPerson();
        using var response = await person.SendAsync(HttpMethod.Post, "demo-things", new { title, description = descriptionLength is { } length ? new string('x', length) : null });
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonAsync(response))["errors"]!.AsObject().Select(e => e.Key).ShouldBe([field]);
        (await person.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_Idempotency_Key_creates_once()
    {
        using var person = demoThings.NewPerson();
        using var first = await person.SendAsync(HttpMethod.Post, "demo-things", new { title = "Water" }, idempotencyKey: "one");
        using var second = await person.SendAsync(HttpMethod.Post, "demo-things", new { title = "Water" }, idempotencyKey: "one");
        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        (await person.ListAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_limit_holds_even_at_once()
    {
        using var person = demoThings.NewPerson();
        var answers = await Task.WhenAll(Enumerable.Range(0, DemoThingsApplication.MaxPerUser + 3).Select(_ => person.StatusAsync(HttpMethod.Post, "demo-things", new { title = "Water" })));
        answers.Count(code => code == HttpStatusCode.Created).ShouldBe(DemoThingsApplication.MaxPerUser);
        answers.Count(code => code == HttpStatusCode.UnprocessableEntity).ShouldBe(3);
    }

    [Fact]
    public async Task The_list_is_newest_first_in_pages_and_shows_nobody_elses()
    {
        using var person = demoThings.NewPerson();
        using var stranger = demoThings.NewPerson();
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
            ids.Insert(0, IdOf(await person.CreateAsync()));
        (await person.ListAsync(limit: 2)).ShouldBe(ids);
        (await person.ListAsync(limit: 5)).ShouldBe(ids);
        (await stranger.ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_holds_only_if_it_is_as_it_was_read()
    {
        using var person = demoThings.NewPerson();
        var path = $"demo-things/{IdOf(await person.CreateAsync("Water", "Every day"))}";
        using var changed = await person.SendAsync(HttpMethod.Patch, path, new { title = "Feed" }, ifMatch: "\"1\"");
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
        changed.Headers.ETag!.Tag.ShouldBe("\"2\"");
        (await person.StatusAsync(HttpMethod.Patch, path, new { title = "Lost" }, ifMatch: "\"1\"")).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await person.StatusAsync(HttpMethod.Patch, path, new { title = " " })).ShouldBe(HttpStatusCode.BadRequest);
        (await person.StatusAsync(HttpMethod.Patch, path, new { description = "" }, ifMatch: "\"2\"")).ShouldBe(HttpStatusCode.OK);
        var read = await person.GetAsync(path);
        (read["title"]!.GetValue<string>(), read["description"]!.GetValue<string>(), read["version"]!.GetValue<long>()).ShouldBe(("Feed", "", 3));
    }

    [Fact]
    public async Task Completing_is_told_once_and_ends_all_change()
    {
        using var person = demoThings.NewPerson();
        var path = $"demo-things/{IdOf(await person.CreateAsync("Water"))}";
        (await person.StatusAsync(HttpMethod.Post, $"{path}/complete", ifMatch: "\"7\"")).ShouldBe(HttpStatusCode.PreconditionFailed);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => person.StatusAsync(HttpMethod.Post, $"{path}/complete")));
        answers.ShouldAllBe(code => code == HttpStatusCode.OK);
        (await person.StatusAsync(HttpMethod.Patch, path, new { title = "Too late" })).ShouldBe(HttpStatusCode.Conflict);

        var told = (await demoThings.Published.OfAsync<DemoThingCompleted>(person.UserId)).ShouldHaveSingleItem();
        var read = await person.GetAsync(path);
        (told.DemoThingId, told.Title, told.TimeZone, told.Version).ShouldBe((IdOf(read), "Water", "Europe/Berlin", read["version"]!.GetValue<long>()));
        told.CompletedAt.ShouldBe(read["completedAt"]!.GetValue<DateTimeOffset>(), TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task What_is_deleted_is_gone()
    {
        using var person = demoThings.NewPerson();
        var path = $"demo-things/{IdOf(await person.CreateAsync())}";
        (await person.StatusAsync(HttpMethod.Delete, path, ifMatch: "\"7\"")).ShouldBe(HttpStatusCode.PreconditionFailed);
        (await person.StatusAsync(HttpMethod.Delete, path, ifMatch: "\"1\"")).ShouldBe(HttpStatusCode.NoContent);
        (await person.StatusAsync(HttpMethod.Get, path)).ShouldBe(HttpStatusCode.NotFound);
        (await person.StatusAsync(HttpMethod.Delete, path)).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Another_persons_is_unknown_to_a_stranger()
    {
        using var person = demoThings.NewPerson();
        using var stranger = demoThings.NewPerson();
        var path = $"demo-things/{IdOf(await person.CreateAsync())}";
        (await stranger.StatusAsync(HttpMethod.Get, path)).ShouldBe(HttpStatusCode.NotFound);
        (await stranger.StatusAsync(HttpMethod.Patch, path, new { title = "Mine" })).ShouldBe(HttpStatusCode.NotFound);
        (await stranger.StatusAsync(HttpMethod.Post, $"{path}/complete")).ShouldBe(HttpStatusCode.NotFound);
        (await stranger.StatusAsync(HttpMethod.Delete, path)).ShouldBe(HttpStatusCode.NotFound);
        (await person.GetAsync(path))["version"]!.GetValue<long>().ShouldBe(1);
    }
}
