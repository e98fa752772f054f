using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Platform;

/// <summary>What administrators see of a process and do to it.</summary>
public sealed class OperatorTests(SharedApplication shared)
{
    [Fact]
    public async Task An_administrator_publishes_an_event_through_the_outbox_and_it_is_audited()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        using var admin = probe.App.Admin();
        var subject = Guid.NewGuid();

        var response = await admin.PostAsJsonAsync("messaging/publish", new { type = "probe.happened.v1", data = new { subject, label = "by hand" } });

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var published = await response.Content.ReadFromJsonAsync<JsonElement>();
        published.GetProperty("partitionKey").GetGuid().ShouldBe(subject);
        published.GetProperty("topic").GetString().ShouldBe("probe-events");
        await Eventually.TrueAsync(async () => await probe.EffectsAsync("by hand") == 1, "it has its effect");
        (await probe.App.QueryAsync<Guid>("probe", "select subject_id from audit where action = 'event.published'")).ShouldBe(published.GetProperty("eventId").GetGuid());
    }

    [Theory]
    [InlineData("""{"type": "probe.unheard.v1", "data": {}}""", "type", "probe.happened.v1")]
    [InlineData("""{"type": "probe.happened.v1", "data": {"label": "no subject"}}""", "data", "property")]
    [InlineData("""{"type": "probe.happened.v1", "data": {"subject": "nobody", "label": "x"}}""", "data", "$.subject")]
    [InlineData("""{"type": "probe.happened.v1", "data": {"subject": "00000000-0000-0000-0000-000000000000", "label": "x"}}""", "data", "empty")]
    [InlineData("""{"type": "probe.happened.v1", "data": [1]}""", "data", "object")]
    public async Task What_is_no_event_of_a_service_here_is_refused_with_a_reason(string body, string field, string reason)
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        using var admin = probe.App.Admin();

        var response = await admin.PostAsync("messaging/publish", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty(field)[0].GetString()!.ShouldContain(reason);
        (await probe.CountAsync("outbox")).ShouldBe(0);
        (await probe.CountAsync("audit")).ShouldBe(0);
    }

    [Fact]
    public async Task Only_administrators_publish_and_see_the_environment()
    {
        using var user = shared.App.ClientOf(Guid.NewGuid());
        (await user.PostAsJsonAsync("messaging/publish", new { type = "user.deleted.v1", data = new { } })).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await user.GetAsync("/health/environment")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var anonymous = shared.App.Anonymous();
        (await anonymous.GetAsync("/health/environment")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        using var admin = shared.App.Admin();
        var environment = await admin.GetFromJsonAsync<JsonElement>("/health/environment");
        environment.GetProperty("messagingBackend").GetString().ShouldBe("inprocess");
        environment.GetProperty("services").EnumerateArray().Select(s => s.GetString()).ShouldContain("study");
        environment.GetProperty("processId").GetInt32().ShouldBe(Environment.ProcessId);
    }

    [Fact]
    public async Task Without_a_broker_there_is_no_listener_to_stop()
    {
        using var admin = shared.App.Admin();
        (await admin.GetFromJsonAsync<JsonElement>("integration-events/listener/status")).GetProperty("listeners").GetArrayLength().ShouldBe(0);
        var response = await admin.PostAsync("integration-events/listener/stop", null);
        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await response.Content.ReadAsStringAsync()).ShouldContain("inprocess");
    }

    [Fact]
    public async Task Requests_of_audited_routes_are_logged_with_who_and_how_and_never_with_what()
    {
        var lines = new ConcurrentQueue<string>();
        await using var app = await TestApplication.StartAsync(
            shared.Postgres,
            settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["Http:AuditedRoutes"] = "POST /api/v1/probe/*" },
            services: [new ProbeService(new ProbeControl())],
            customize: builder => builder.Logging.AddProvider(new Lines(lines)));
        var person = Guid.NewGuid();
        using var client = app.ClientOf(person);

        await client.PostAsJsonAsync("probe/things", new { name = "unspeakable" });
        await client.GetAsync($"probe/things/{Guid.NewGuid()}?secret=unspeakable");

        // The line is written after the answer was sent.
        await Eventually.TrueAsync(() => Task.FromResult(!lines.IsEmpty), "the request is logged");
        var line = lines.ShouldHaveSingleItem();
        line.ShouldStartWith("POST /api/v1/probe/things answered 201 in ");
        line.ShouldContain(person.ToString());
        line.ShouldNotContain("unspeakable");
    }

    private sealed class Lines(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => categoryName == "Mneme.Requests" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                lines.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
