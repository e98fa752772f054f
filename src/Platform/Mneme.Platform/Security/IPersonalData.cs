using System.Text.Json.Nodes;

namespace Mneme.Platform.Security;

/// <summary>How a service gives a person what it holds of them, and forgets them.</summary>
public interface IPersonalData
{
    /// <summary>Everything this service holds about the person, readable without knowledge of the schema; null if nothing.</summary>
    Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct);

    /// <summary>
    /// Deletes it, in the transaction of the <c>user.deleted</c> event; what the law makes us keep is pseudonymised. A tombstone is set by the caller.
    /// </summary>
    Task EraseAsync(Guid userId, CancellationToken ct);
}
