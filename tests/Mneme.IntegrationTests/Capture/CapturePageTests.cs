using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Mneme.Contracts.Capture;
using Mneme.Contracts.Study;
using Mneme.IntegrationTests.Support;
using static Mneme.IntegrationTests.Capture.CaptureApi;

namespace Mneme.IntegrationTests.Capture;

[Collection(CaptureTests.Name)]
public sealed class CapturePageTests(CaptureApplication capture)
{
    private const string Tides = "Ebbe und Flut entstehen durch die Anziehungskraft des Mondes und der Sonne auf die Ozeane der Erde.";
    private const string Springs = "Bei Voll- und Neumond wirken beide Kräfte in eine Richtung, und es kommt zu einer Springtide.";

    private static readonly string Page = $"""
        <!doctype html><html lang="de-de"><head><title>Gezeiten – Lexikon</title></head><body><nav><a href="/">Start</a></nav>
        <main><h1>Gezeiten</h1><p>{Tides}</p><p>{Springs}</p></main><footer>Impressum</footer></body></html>
        """;

    [Fact]
    public async Task A_page_becomes_the_text_that_can_be_read_on_it()
    {
        using var person = capture.NewPerson();
        var address = capture.Site.Add(Page).AbsoluteUri;
        var made = await person.CreateAsync(("type", "PAGE"), ("content", address), ("tags", new[] { "meer" }));
        made["status"]!.GetValue<string>().ShouldBe("PENDING");
        made["content"]!.GetValue<string>().ShouldBe(address);
        made["extractedText"].ShouldBeNull();
        made["source"]!.GetValue<string>().ShouldBe(address);

        var captured = (await capture.PublishedAsync<ContentCaptured>(IdOf(made), 1)).ShouldHaveSingleItem();
        captured.Text.ShouldBe($"{Tides}\n\n{Springs}");
        captured.Title.ShouldBe("Gezeiten");
        captured.Language.ShouldBe("de-DE");
        captured.Source.ShouldBe(address);
        captured.Type.ShouldBe("PAGE");
        captured.Tags.ShouldBe(["meer"]);
        (captured.Attempt, captured.Version).ShouldBe((1, 2L));

        var now = await person.GetAsync(IdOf(made));
        now["status"]!.GetValue<string>().ShouldBe("PENDING");
        now["extractedText"]!.GetValue<string>().ShouldBe(captured.Text);
        now["content"]!.GetValue<string>().ShouldBe(address);
        (await person.ListAsync("q=Springtiden")).ShouldBe([IdOf(made)]);
        (await person.ListAsync("type=PAGE&source=" + Uri.EscapeDataString(address))).ShouldBe([IdOf(made)]);

        await capture.App.DeliverAsync(new ContentProcessed(person.UserId, IdOf(made), 1, Guid.NewGuid(), "Gezeiten", 3, "offline", 1));
        (await person.GetAsync(IdOf(made)))["status"]!.GetValue<string>().ShouldBe("PROCESSED");
    }

    [Fact]
    public async Task What_the_person_said_of_a_page_outweighs_what_it_says_of_itself()
    {
        using var person = capture.NewPerson();
        var made = await person.CreateAsync(
            ("type", "PAGE"), ("content", capture.Site.Add(Page).AbsoluteUri), ("title", "Mein Titel"), ("language", "de-AT"), ("source", "Schule"));
        var captured = (await capture.PublishedAsync<ContentCaptured>(IdOf(made), 1)).Single();
        (captured.Title, captured.Language, captured.Source).ShouldBe(("Mein Titel", "de-AT", "Schule"));
    }

    [Fact]
    public async Task The_same_page_in_another_spelling_is_the_same_capture()
    {
        using var person = capture.NewPerson();
        var address = capture.Site.Add(Page);
        var first = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", address.AbsoluteUri)));
        foreach (var spelling in new[] { address.AbsoluteUri + "#part", "HTTP" + address.AbsoluteUri[4..], $"  {address.AbsoluteUri}\n" })
        {
            using var again = await person.PostAsync(("type", "PAGE"), ("content", spelling));
            again.StatusCode.ShouldBe(HttpStatusCode.OK);
            IdOf(await JsonAsync(again)).ShouldBe(first);
        }

        // The address as a text is another thing.
        IdOf(await person.CreateAsync(("content", address.AbsoluteUri))).ShouldNotBe(first);
    }

    [Theory]
    [InlineData("not an address", HttpStatusCode.BadRequest)]
    [InlineData("example.org/page", HttpStatusCode.BadRequest)]
    [InlineData("file:///etc/passwd", HttpStatusCode.BadRequest)]
    [InlineData("http://user:pass@example.org/", HttpStatusCode.BadRequest)]
    [InlineData("http://2130706433/", HttpStatusCode.BadRequest)]
    [InlineData("http://127.0.0.1/", HttpStatusCode.UnprocessableEntity)]
    [InlineData("http://localhost/", HttpStatusCode.UnprocessableEntity)]
    [InlineData("http://169.254.169.254/latest/meta-data", HttpStatusCode.UnprocessableEntity)]
    [InlineData("http://[::1]/", HttpStatusCode.UnprocessableEntity)]
    [InlineData("http://example.org:5432/", HttpStatusCode.UnprocessableEntity)]
    public async Task An_address_that_is_not_called_is_refused_at_once(string address, HttpStatusCode status)
    {
        using var person = capture.NewPerson();
        using var response = await person.PostAsync(("type", "PAGE"), ("content", address));
        response.StatusCode.ShouldBe(status);
        (await person.ListAsync()).ShouldBeEmpty();
    }

    public static TheoryData<string, string> Unreadable => new()
    {
        { "gone", "does not exist" },
        { "pdf", "no readable page" },
        { "large", "larger than" },
        { "private", "private network" },
        { "empty", "no readable text" },
        { "nested", "too complicated" },
        { "sign-in", "sign-in" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_page_that_cannot_be_read_fails_with_a_reason_that_a_person_understands(string kind, string reason)
    {
        using var person = capture.NewPerson();
        var address = capture.Site.Add(context => AnswerAsync(kind, context));
        var id = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", address.AbsoluteUri)));
        var failed = await WaitForStatusAsync(person, id, "FAILED");
        failed["failureReason"]!.GetValue<string>().ShouldContain(reason);
        capture.PublishedSoFar<ContentCaptured>(id).ShouldBe(0);
    }

    [Fact]
    public async Task A_failed_page_is_fetched_again_when_it_is_retried()
    {
        using var person = capture.NewPerson();
        var isThere = false;
        var address = capture.Site.Add(context => AnswerAsync(isThere ? "page" : "gone", context));
        var id = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", address.AbsoluteUri)));
        await WaitForStatusAsync(person, id, "FAILED");
        isThere = true;
        (await person.StatusAsync(HttpMethod.Post, $"captures/{id}/retry")).ShouldBe(HttpStatusCode.OK);
        var captured = (await capture.PublishedAsync<ContentCaptured>(id, 1)).Single();
        captured.Attempt.ShouldBe(2);
        captured.Version.ShouldBe((await person.GetAsync(id))["version"]!.GetValue<long>());

        // Once its text is known, trying again does not fetch it again.
        isThere = false;
        await capture.App.DeliverAsync(new ContentFailed(person.UserId, id, 2, "The provider was busy.", 1));
        (await person.StatusAsync(HttpMethod.Post, $"captures/{id}/retry")).ShouldBe(HttpStatusCode.OK);
        (await capture.PublishedAsync<ContentCaptured>(id, 2))[1].Attempt.ShouldBe(3);
    }

    [Fact]
    public async Task Only_so_many_pages_of_a_person_wait_whether_they_are_new_or_tried_again()
    {
        using var person = capture.NewPerson();
        var failed = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", capture.Site.Add(context => AnswerAsync("gone", context)).AbsoluteUri)));
        await WaitForStatusAsync(person, failed, "FAILED");
        var answer = new TaskCompletionSource();
        var waiting = new List<Guid>();
        for (var i = 0; i < CaptureApplication.MaxPendingPagesPerUser; i++)
        {
            waiting.Add(IdOf(await person.CreateAsync(("type", "PAGE"), ("content", capture.Site.Add(async context =>
            {
                await answer.Task;
                await AnswerAsync("page", context);
            }).AbsoluteUri))));
        }

        using (var another = await person.PostAsync(("type", "PAGE"), ("content", capture.Site.Add(Page).AbsoluteUri)))
            another.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await person.StatusAsync(HttpMethod.Post, $"captures/{failed}/retry")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await person.GetAsync(failed))["status"]!.GetValue<string>().ShouldBe("FAILED");

        answer.SetResult();
        foreach (var id in waiting)
            await capture.PublishedAsync<ContentCaptured>(id, 1);
        (await person.StatusAsync(HttpMethod.Post, $"captures/{failed}/retry")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_site_that_is_busy_for_a_moment_is_asked_again()
    {
        using var person = capture.NewPerson();
        var asked = 0;
        var address = capture.Site.Add(context => AnswerAsync(Interlocked.Increment(ref asked) == 1 ? "busy" : "page", context));
        var id = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", address.AbsoluteUri)));
        (await capture.PublishedAsync<ContentCaptured>(id, 1)).Single().Attempt.ShouldBe(1);
        asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_page_that_is_deleted_while_it_is_fetched_stays_deleted()
    {
        using var person = capture.NewPerson();
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        var address = capture.Site.Add(async context =>
        {
            asked.TrySetResult();
            await answer.Task;
            await AnswerAsync("page", context);
        });
        var id = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", address.AbsoluteUri)));
        await asked.Task;
        (await person.StatusAsync(HttpMethod.Delete, $"captures/{id}")).ShouldBe(HttpStatusCode.NoContent);
        answer.SetResult();
        await Eventually.TrueAsync(
            async () => await capture.App.QueryAsync<long>("capture", "select count(*) from jobs where kind = 'fetch-page' and key = $1", $"{id}:1") == 0, "the job is done");
        (await person.StatusAsync(HttpMethod.Get, $"captures/{id}")).ShouldBe(HttpStatusCode.NotFound);
        capture.PublishedSoFar<ContentCaptured>(id).ShouldBe(0);
        (await capture.App.QueryAsync<long>("capture", "select bytes from storage_usage where user_id = $1", person.UserId)).ShouldBe(0);
    }

    [Fact]
    public async Task A_page_counts_towards_the_storage_and_does_not_exceed_it()
    {
        using var person = capture.NewPerson();
        for (var i = 0; i < 4; i++)
            await person.CreateAsync(("content", new string((char)('a' + i), 200_000)));
        var sentence = string.Concat(Enumerable.Repeat("This is a sentence of some length that says next to nothing. ", 2000));
        var big = capture.Site.Add($"<main><p>{sentence}</p></main>").AbsoluteUri;
        var first = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", big)));
        await capture.PublishedAsync<ContentCaptured>(first, 1);
        var second = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", big + "?again")));
        (await WaitForStatusAsync(person, second, "FAILED"))["failureReason"]!.GetValue<string>().ShouldContain("storage");
        var used = await capture.App.QueryAsync<long>("capture", "select bytes from storage_usage where user_id = $1", person.UserId);
        used.ShouldBe(await capture.App.QueryAsync<long>("capture", "select sum(size)::bigint from captures where user_id = $1", person.UserId));
        used.ShouldBeLessThanOrEqualTo(CaptureApplication.MaxBytesPerUser);
    }

    [Fact]
    public async Task A_page_in_a_legacy_charset_is_read_in_it()
    {
        using var person = capture.NewPerson();
        var bytes = CodePagesEncodingProvider.Instance.GetEncoding("koi8-r")!.GetBytes(
            "<html lang=ru><body><p>Луна, единственный естественный спутник Земли, и она обращается вокруг неё примерно за двадцать семь суток. Её видно ночью.</p>");
        var address = capture.Site.Add(context =>
        {
            context.Response.ContentType = "text/html; charset=koi8-r";
            return context.Response.Body.WriteAsync(bytes).AsTask();
        });
        var id = IdOf(await person.CreateAsync(("type", "PAGE"), ("content", address.AbsoluteUri)));
        (await capture.PublishedAsync<ContentCaptured>(id, 1)).Single().Text.ShouldStartWith("Луна, единственный");
    }

    private static async Task AnswerAsync(string kind, HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        switch (kind)
        {
            case "page":
                await response.WriteAsync(Page);
                break;
            case "gone":
                response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case "busy":
                response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            case "sign-in":
                response.StatusCode = StatusCodes.Status403Forbidden;
                break;
            case "pdf":
                response.ContentType = "application/pdf";
                await response.WriteAsync("%PDF-1.7");
                break;
            case "large":
                await response.WriteAsync(new string('x', 5_000_001));
                break;
            case "private":
                response.Redirect("http://127.0.0.1/");
                break;
            case "nested":
                await response.WriteAsync(string.Concat(Enumerable.Repeat("<div>", 100_000)));
                break;
            default:
                await response.WriteAsync("<html><body><nav>Home</nav><div id=app></div><script>start()</script></body></html>");
                break;
        }
    }

    private static async Task<JsonNode> WaitForStatusAsync(CaptureApi person, Guid id, string status) =>
        await Eventually.NotNullAsync(async () => await person.GetAsync(id) is var now && now["status"]!.GetValue<string>() == status ? now : null, $"{id} is {status}");
}
