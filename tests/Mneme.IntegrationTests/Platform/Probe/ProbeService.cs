using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Jobs;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Platform.Probe;

[Event("probe.happened", 1, Topic = "probe-events")]
public sealed record ProbeHappened(Guid Subject, string Label) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => Subject;
}

[Event("probe.counted", 1, Topic = "probe-events")]
public sealed record ProbeCounted(Guid Subject, string Label) : IIntegrationEvent
{
    Guid IIntegrationEvent.PartitionKey => Subject;
}

[Ask("probe.echo", AnsweredBy = "probe", AskedBy = ["probe"], DeadlineSeconds = 1, IsIdempotent = true)]
public sealed record Echo([property: Required, StringLength(20)] string Text, bool IsSlow = false) : IAsk<Echoed>;

public sealed record Echoed(string Text);

[Ask("probe.forbidden", AnsweredBy = "probe", AskedBy = ["somebody-else"])]
public sealed record ForbiddenEcho(string Text) : IAsk<Echoed>;

public sealed record ProbeJob(string Label);

public sealed class Thing : AggregateRoot
{
    private Thing()
    {
    }

    public Thing(Guid id, string name) => (Id, Name) = (id, name);

    public string Name { get; private set; } = "";

    public void Rename(string name) => Name = name;
}

/// <summary>What tests tell the probe to do, and what it saw.</summary>
public sealed class ProbeControl
{
    /// <summary>Labels whose handling throws.</summary>
    public ConcurrentDictionary<string, bool> Failing { get; } = new();

    public ConcurrentQueue<JobContext> Attempts { get; } = new();

    /// <summary>What the handler of an event with this label waits for before it has its effect; set by tests.</summary>
    public Func<string, CancellationToken, Task> BeforeEffect { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What a job waits for before it returns; set by tests.</summary>
    public Func<CancellationToken, Task> JobWork { get; set; } = _ => Task.CompletedTask;

    /// <summary>Holds the request of <c>HeldProbe</c>.</summary>
    public ProbeGate Gate { get; } = new();

    public ConcurrentQueue<DateTimeOffset> RecurringRuns { get; } = new();

    /// <summary>What a run of the recurring job waits for before it returns; set by tests.</summary>
    public Func<Task> RecurringWork { get; set; } = () => Task.CompletedTask;

    public void ThrowIfFailing(string label)
    {
        if (Failing.ContainsKey(label))
            throw new InvalidOperationException($"The probe was told to fail on {label}.");
    }
}

/// <summary>Holds a request until a test lets it go.</summary>
public sealed class ProbeGate
{
    public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

public sealed class ProbeDb(DbContextOptions<ProbeDb> options) : ServiceDb(options)
{
    public override string ServiceName => "probe";

    public DbSet<Thing> Things => Set<Thing>();

    protected override void MapEntities(ModelBuilder model) => model.Entity<Thing>();
}

/// <summary>A service that exists for the platform's own tests: every mechanism once.</summary>
public sealed class ProbeService(ProbeControl control) : IService
{
    public const string Job = "probe.job";

    public string Name => "probe";

    public void Describe(ServiceBuilder service)
    {
        service.Services.AddSingleton(control);
        service.Database<ProbeDb>()
            .Publishes<ProbeHappened>()
            .Publishes<ProbeCounted>()
            .On<ProbeHappened>(OnHappened)
            .On<ProbeCounted>(OnCounted)
            .Asks<Echo>()
            .Answers<Echo, Echoed>(AnswerEcho)
            .Job<ProbeJob>(Job, RunJob, new JobPolicy { MaxAttempts = 3, RetryDelay = TimeSpan.FromMilliseconds(20) })
            .Recurring("probe.recurring", TimeSpan.FromHours(1), RunRecurring)
            .PersonalData<ProbePersonalData>()
            .Endpoints(MapThings, EchoProbe.Map, FailProbe.Map, ListProbes.Map, UpdateProbe.Map);
    }

    private static async Task OnHappened(ProbeHappened e, ProbeDb db, ProbeControl control, CancellationToken ct)
    {
        await control.BeforeEffect(e.Label, ct);
        await db.Database.ExecuteSqlAsync($"insert into effects (event_id, subject, label) values ({Guid.NewGuid()}, {e.Subject}, {e.Label})", ct);
        control.ThrowIfFailing(e.Label);
    }

    private static async Task OnCounted(EventBatch<ProbeCounted> batch, ProbeDb db, ProbeControl control, CancellationToken ct)
    {
        foreach (var e in batch)
        {
            await db.Database.ExecuteSqlAsync($"insert into effects (event_id, subject, label) values ({e.Id}, {e.Data.Subject}, {e.Data.Label})", ct);
            control.ThrowIfFailing(e.Data.Label);
        }
    }

    private static async Task<Outcome<Echoed>> AnswerEcho(Echo request, CancellationToken ct)
    {
        if (request.IsSlow)
            await Task.Delay(Timeout.Infinite, ct);
        return request.Text == "no" ? Problem.Conflict("echo-refused", "It does not want to.") : new Echoed(request.Text);
    }

    private static async Task RunJob(ProbeJob payload, JobContext job, ProbeDb db, ProbeControl control, TimeProvider time, CancellationToken ct)
    {
        control.Attempts.Enqueue(job);
        await control.JobWork(ct);
        control.ThrowIfFailing(payload.Label);
        db.Things.Add(new Thing(Guid.CreateVersion7(), payload.Label));
        db.Publish(new ProbeHappened(Guid.NewGuid(), "from-job-" + payload.Label), time.GetUtcNow());
    }

    private static Task RunRecurring(ProbeControl control, TimeProvider time)
    {
        control.RecurringRuns.Enqueue(time.GetUtcNow());
        return control.RecurringWork();
    }

    public sealed record ThingRequest([Required, StringLength(50, MinimumLength = 1)] string Name, IReadOnlyList<string>? Labels = null);

    public sealed record ThingResponse(Guid Id, string Name, long Version) : IVersioned;

    private static void MapThings(IEndpointRouteBuilder api)
    {
        api.MapPost("/probe/things", CreateThing).Owned();
        api.MapPut("/probe/things/{id:guid}", RenameThing).Owned();
        api.MapGet("/probe/things/{id:guid}", GetThing).Owned();
        api.MapPost("/probe/echo", EchoId).Owned();
    }

    // Without limits, as ids have none.
    public sealed record EchoIdRequest(Guid Id);

    private static Outcome<EchoIdRequest> EchoId(EchoIdRequest request, ProbeDb db) => request;

    private static Outcome<ThingResponse> CreateThing(ThingRequest request, Actor actor, ProbeDb db, ProbeControl control, TimeProvider time)
    {
        var thing = new Thing(Guid.CreateVersion7(), request.Name);
        db.Things.Add(thing);
        foreach (var label in request.Labels ?? [])
            db.Publish(new ProbeHappened(actor.UserId, label), time.GetUtcNow());
        if (request.Name == "refused")
            return Problem.Unprocessable("refused", "This name is refused after the change was prepared.");
        control.ThrowIfFailing(request.Name);
        return Outcome.Created(new ThingResponse(thing.Id, thing.Name, thing.Version), $"/api/v1/probe/things/{thing.Id}");
    }

    private static async Task<Outcome<ThingResponse>> RenameThing(Guid id, ThingRequest request, IfMatch ifMatch, ProbeDb db, CancellationToken ct)
    {
        if (await db.Things.FindAsync([id], ct) is not { } thing)
            return Problem.NotFound("thing");
        if (!ifMatch.Allows(thing.Version))
            return Problem.PreconditionFailed();
        thing.Rename(request.Name);
        await db.SaveChangesAsync(ct);
        return new ThingResponse(thing.Id, thing.Name, thing.Version);
    }

    private static async Task<Outcome<ThingResponse>> GetThing(Guid id, ProbeDb db, CancellationToken ct) =>
        await db.Things.Where(t => t.Id == id).Select(t => new ThingResponse(t.Id, t.Name, t.Version)).FirstOrDefaultAsync(ct) is { } thing ? thing : Problem.NotFound("thing");
}

internal sealed class ProbePersonalData(ProbeDb db) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct) =>
        new JsonObject { ["effects"] = await db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from effects where subject = {userId}").SingleAsync(ct) };

    public Task EraseAsync(Guid userId, CancellationToken ct) => db.Database.ExecuteSqlAsync($"delete from effects where subject = {userId}", ct);
}
