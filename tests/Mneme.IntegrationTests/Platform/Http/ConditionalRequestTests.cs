using Microsoft.AspNetCore.Http;
using Mneme.IntegrationTests.Capture;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.IntegrationTests.Platform.Http;

/// <summary>Outgoing requests that ask for changes only.</summary>
public sealed class ConditionalRequestTests : IAsyncLifetime
{
    private const string ETag = "W/\"one\"";
    private const string LastModified = "Sat, 28 Mar 2026 12:00:00 GMT";
    private static readonly string[] Types = ["text/xml"];

    private readonly StandInSite _site = new();

    public ValueTask InitializeAsync() => new(_site.StartAsync());

    [Fact]
    public async Task What_the_server_said_of_a_body_is_sent_back_as_it_came_and_nothing_comes_twice()
    {
        using var http = Client();
        var address = _site.Add(AnswerAsync);
        var first = (await http.GetIfChangedAsync(address, Types, OutgoingValidators.None, Ct)).ShouldNotBeNull();
        first.Validators.ShouldBe(new OutgoingValidators(ETag, LastModified));
        (await http.GetIfChangedAsync(address, Types, first.Validators, Ct)).ShouldBeNull();
        (await http.GetIfChangedAsync(address, Types, new OutgoingValidators(null, LastModified), Ct)).ShouldBeNull();
        (await http.GetIfChangedAsync(address, Types, new OutgoingValidators("\"other\"", null), Ct)).ShouldNotBeNull();
        (await http.GetAsync(address, Types, Ct)).Body.ShouldBe(first.Body);
    }

    [Fact]
    public async Task A_server_that_says_unchanged_without_having_been_asked_says_nothing()
    {
        using var http = Client();
        var address = _site.Add(context =>
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        });
        (await Should.ThrowAsync<OutgoingException>(() => http.GetIfChangedAsync(address, Types, OutgoingValidators.None, Ct))).Failure.ShouldBe(OutgoingFailure.Status);
    }

    [Fact]
    public async Task Validators_that_no_sensible_server_gives_are_not_kept()
    {
        using var http = Client();
        var address = _site.Add(context =>
        {
            context.Response.Headers.ETag = $"\"{new string('x', 500)}\"";
            context.Response.ContentType = "text/xml";
            return context.Response.WriteAsync("<a/>");
        });
        (await http.GetIfChangedAsync(address, Types, OutgoingValidators.None, Ct)).ShouldNotBeNull().Validators.ShouldBe(OutgoingValidators.None);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SafeHttpClient Client() => new(new OutgoingPolicy(privateHosts: $"{StandInSite.Host}:{_site.Port}"));

    private static Task AnswerAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.IfNoneMatch == ETag || headers.IfNoneMatch.Count == 0 && headers.IfModifiedSince == LastModified)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        (context.Response.Headers.ETag, context.Response.Headers.LastModified, context.Response.ContentType) = (ETag, LastModified, "text/xml");
        return context.Response.WriteAsync("<a/>");
    }
}
