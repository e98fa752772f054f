using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform.Domain;
using Mneme.Platform.Http;
using Mneme.Platform.Security;

namespace Mneme.IntegrationTests.Platform.Probe;

internal enum ProbeKind
{
    PlainText,
    WebPage,
}

internal sealed record ProbeNote([Required, StringLength(20)] string Text);

internal sealed record EchoRequest(
    [Required, StringLength(50, MinimumLength = 1)] string Name,
    [Range(0, 5)] int Quality,
    ProbeKind Kind = ProbeKind.PlainText,
    [MaxLength(3), ItemLength(1, 10)] IReadOnlyList<string>? Tags = null,
    ProbeNote? Note = null);

internal sealed record ProbeResponse(Guid Id, string Name, ProbeKind Kind, DateTimeOffset CreatedAt, long Version) : IVersioned;

internal static class EchoProbe
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/probes", Handle).Owned().WithSummary("Says what it was told").Produces<ProbeResponse>(StatusCodes.Status201Created);
        api.MapGet("/probes/{id:guid}/trace", (Guid id) => Results.Text(Activity.Current?.Id ?? "none")).Public().WithName("TraceProbe");
    }

    private static Task<Outcome<ProbeResponse>> Handle(EchoRequest request, Actor actor, TimeProvider time) =>
        Task.FromResult(Outcome.Created(new ProbeResponse(Guid.NewGuid(), request.Name, request.Kind, time.GetUtcNow(), 1), $"/api/v1/probes/{actor.UserId}"));
}

internal static class FailProbe
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/fail/{how}", Handle).Public();
        api.MapGet("/slow", WaitAsync).Public().Deadline(TimeSpan.FromMilliseconds(100)).WithName("SlowProbe");
        api.MapGet("/held", HoldAsync).Public().NoDeadline().WithName("HeldProbe");
    }

    private static async Task<Outcome<ProbeNote>> Handle(string how, HttpContext http, ProbeDb db, int? number, CancellationToken ct)
    {
        http.Response.Headers.ETag = "\"1\"";
        http.Response.Headers.CacheControl = "public, max-age=60";
        switch (how)
        {
            case "bug":
                throw new InvalidOperationException("secret /etc/passwd select * from users");
            case "timeout":
                await db.Database.ExecuteSqlRawAsync("set local statement_timeout = 1; select pg_sleep(5)", ct);
                break;
            case "nul":
                await db.Database.ExecuteSqlRawAsync("select {0}", ["a\0b"], ct);
                break;
            case "idle":
                await db.Database.ExecuteSqlRawAsync("do $$ begin raise exception 'x' using errcode = '25P03'; end $$", ct);
                break;
            case "deadlock":
                await db.Database.ExecuteSqlRawAsync("do $$ begin raise exception 'x' using errcode = '40P01'; end $$", ct);
                break;
            case "sql":
                await db.Database.ExecuteSqlRawAsync("select * from there_is_no_such_table", ct);
                break;
        }

        return new ProbeNote(how);
    }

    private static async Task<Outcome<ProbeNote>> WaitAsync(CancellationToken ct)
    {
        await Task.Delay(Timeout.Infinite, ct);
        return new ProbeNote("never");
    }

    private static async Task<Outcome<ProbeNote>> HoldAsync(ProbeControl control, CancellationToken ct)
    {
        control.Gate.Entered.TrySetResult();
        await control.Gate.Opened.Task.WaitAsync(ct);
        return new ProbeNote("held");
    }
}

internal static class ListProbes
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/probes", Handle).Owned();

    private static Task<Outcome<Page<ProbeResponse>>> Handle(PageRequest page, Actor actor, ProbeKind? kind, TimeProvider time) =>
        Task.FromResult<Outcome<Page<ProbeResponse>>>(new Page<ProbeResponse>([new ProbeResponse(actor.UserId, "one", kind ?? ProbeKind.WebPage, time.GetUtcNow(), page.Limit)], null));
}

internal static class UpdateProbe
{
    internal sealed record UpdateProbeRequest([property: Required, EmailAddress] string Email);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPatch("/probes/{id:guid}", Handle).Owned();
        api.MapDelete("/probes/{id:guid}", Delete).Owned();
        api.MapGet("/admin/probes", () => Results.Text("for administrators")).AdminOnly().WithName("AdministerProbes");
    }

    private static Task<Outcome<ProbeResponse>> Handle(Guid id, UpdateProbeRequest request, IfMatch match, Actor actor, TimeProvider time) => Task.FromResult<Outcome<ProbeResponse>>(
        match.Allows(1) ? new ProbeResponse(id, request.Email, ProbeKind.PlainText, time.GetUtcNow(), 2) : Problem.PreconditionFailed());

    private static Task<Outcome<Nothing>> Delete(Guid id, Actor actor) => Task.FromResult(Outcome.Done);
}
