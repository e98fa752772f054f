using System.Text.Json;

namespace Mneme.Platform.Redis.SignalR;

internal enum HubCommandKind
{
    /// <summary>To all connections but <see cref="HubCommand.Except"/>.</summary>
    SendToAll,

    /// <summary>To the connections <see cref="HubCommand.To"/>.</summary>
    SendToConnections,

    /// <summary>To the connections of the groups <see cref="HubCommand.To"/> but <see cref="HubCommand.Except"/>.</summary>
    SendToGroups,

    /// <summary>To the connections of the users <see cref="HubCommand.To"/>.</summary>
    SendToUsers,

    /// <summary>Puts <see cref="HubCommand.Connection"/> into the groups <see cref="HubCommand.To"/>. Whoever holds it says <see cref="Taken"/>.</summary>
    AddToGroup,

    /// <summary>Takes <see cref="HubCommand.Connection"/> out of the groups <see cref="HubCommand.To"/>. Whoever holds it says <see cref="Taken"/>.</summary>
    RemoveFromGroup,

    /// <summary>Asks the client of <see cref="HubCommand.Connection"/>. Whoever holds it says <see cref="Taken"/>, and later <see cref="Answer"/>.</summary>
    Invoke,

    /// <summary>What <see cref="HubCommand.Id"/> asked for is done, or begun.</summary>
    Taken,

    /// <summary>The client's answer to <see cref="HubCommand.Id"/>: the only one of <see cref="HubCommand.Arguments"/>, or <see cref="HubCommand.Error"/>.</summary>
    Answer,
}

/// <summary>What one instance tells the others on the channel of a hub, as JSON.</summary>
internal sealed record HubCommand
{
    /// <summary>The largest that is sent or read, in bytes: Redis cuts off who cannot follow, and a message to all is held once for each of them.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The instance that sent it, which does not heed it itself.</summary>
    public required string From { get; init; }

    public required HubCommandKind Kind { get; init; }

    public IReadOnlyList<string> To { get; init; } = [];

    public IReadOnlyList<string> Except { get; init; } = [];

    public string Connection { get; init; } = "";

    /// <summary>Of a command that is answered, and of what answers it.</summary>
    public string Id { get; init; } = "";

    /// <summary>The client's method.</summary>
    public string Method { get; init; } = "";

    /// <summary>Written with the options of the hubs' JSON protocol.</summary>
    public IReadOnlyList<JsonElement> Arguments { get; init; } = [];

    public string? Error { get; init; }

    /// <exception cref="InvalidOperationException">It is larger than <see cref="MaxBytes"/>.</exception>
    public byte[] Encode()
    {
        var message = JsonSerializer.SerializeToUtf8Bytes(this, Json.Options);
        return message.Length <= MaxBytes
            ? message
            : throw new InvalidOperationException($"A message to the clients of a hub may have {MaxBytes} bytes as JSON, and this one has {message.Length}: send them where to fetch what is large.");
    }

    /// <returns>Null if it is malformed, too large, or of a kind that is not known here.</returns>
    public static HubCommand? Decode(ReadOnlySpan<byte> message)
    {
        if (message.Length > MaxBytes)
            return null;
        try
        {
            return JsonSerializer.Deserialize<HubCommand>(message, Json.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
