using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Mneme.IntegrationTests.Platform.Probe;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Platform;

public sealed class AskTests(SharedApplication shared)
{
    [Fact]
    public async Task A_request_is_answered_with_a_value_or_with_the_other_services_problem()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        await using var scope = ScopeOf(probe, "probe");
        var ask = scope.ServiceProvider.GetRequiredService<IAsk>();

        (await ask.Ask(new Echo("hello"), CancellationToken.None)).Value!.Text.ShouldBe("hello");
        (await ask.Ask(new Echo("no"), CancellationToken.None)).Problem!.Code.ShouldBe("echo-refused");
        (await ask.Ask(new Echo(new string('x', 21)), CancellationToken.None)).Problem!.Errors!.Keys.ShouldBe(["text"]);
    }

    [Fact]
    public async Task A_slow_answer_ends_with_the_deadline()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        await using var scope = ScopeOf(probe, "probe");
        var start = Stopwatch.GetTimestamp();

        var outcome = await scope.ServiceProvider.GetRequiredService<IAsk>().Ask(new Echo("slow", IsSlow: true), CancellationToken.None);

        outcome.Problem!.Kind.ShouldBe(ProblemKind.Unavailable);
        outcome.Problem.Code.ShouldBe("deadline-passed");
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Nobody_asks_what_the_contract_does_not_allow()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        await using var scope = ScopeOf(probe, "probe");
        var ask = scope.ServiceProvider.GetRequiredService<IAsk>();

        (await Should.ThrowAsync<InvalidOperationException>(() => ask.Ask(new ForbiddenEcho("x"), CancellationToken.None))).Message.ShouldContain("somebody-else");
    }

    [Fact]
    public async Task Every_storing_service_exports_a_person_when_identity_asks()
    {
        await using var probe = await ProbeApplication.StartAsync(shared);
        var person = Guid.NewGuid();
        await probe.App.DeliverAsync(new ProbeHappened(person, "mine"));
        await using var scope = ScopeOf(probe, "identity");

        var outcome = await scope.ServiceProvider.GetRequiredService<IAsk>().Ask(new ExportPersonalData(person), "probe", CancellationToken.None);

        outcome.Value!.Data!["effects"]!.GetValue<int>().ShouldBe(1);
    }

    private static AsyncServiceScope ScopeOf(ProbeApplication probe, string service)
    {
        var scope = probe.App.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentService>().Name = service;
        return scope;
    }
}
