using System.Text.Json;
using Mneme.Platform.Persistence;

namespace Mneme.Platform.Observability;

/// <summary>A security-relevant act, written in the transaction of the act itself.</summary>
public sealed class AuditRecord
{
    public Guid Id { get; init; }

    public DateTimeOffset Time { get; init; }

    /// <summary>Who acted; null for anonymous callers and for the program itself.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>What was done, such as <c>user.role-changed</c>.</summary>
    public string Action { get; init; } = "";

    /// <summary>Whom or what it was done to.</summary>
    public Guid? SubjectId { get; init; }

    /// <summary><c>success</c>, or the code of the problem.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>The caller's network address, if it came over HTTP.</summary>
    public string? Address { get; init; }

    public string? TraceId { get; init; }

    /// <summary>JSON; never secrets or bodies.</summary>
    public string? Detail { get; init; }
}

public static class AuditTrail
{
    /// <summary>Adds an audit record to the current unit of work.</summary>
    /// <param name="db">The acting service's database.</param>
    /// <param name="now">Time of the act.</param>
    /// <param name="action">What was done, such as <c>user.role-changed</c>.</param>
    /// <param name="actorId">Who acted, if known.</param>
    /// <param name="subjectId">Whom or what it was done to.</param>
    /// <param name="outcome"><c>success</c>, or the code of the problem.</param>
    /// <param name="address">The caller's network address.</param>
    /// <param name="detail">Serialised as JSON; never secrets or bodies.</param>
    public static void Record(
        this ServiceDb db, DateTimeOffset now, string action, Guid? actorId, Guid? subjectId,
        string outcome = "success", string? address = null, object? detail = null) =>
        db.Audit.Add(new AuditRecord
        {
            Id = Guid.CreateVersion7(now),
            Time = now,
            Action = action,
            ActorId = actorId,
            SubjectId = subjectId,
            Outcome = outcome,
            Address = address,
            TraceId = System.Diagnostics.Activity.Current?.TraceId.ToString(),
            Detail = detail is null ? null : JsonSerializer.Serialize(detail, Json.Options),
        });
}
