namespace Mneme.IntegrationTests.Aws;

/// <summary>A queue of the stand-in; <see cref="StandInQueues"/> takes turns at it.</summary>
internal sealed class StandInQueue(string name, Dictionary<string, string> attributes)
{
    public string Name => name;

    public bool IsFifo => name.EndsWith(".fifo", StringComparison.Ordinal);

    public Dictionary<string, string> Attributes => attributes;

    public List<StandInMessage> Messages { get; } = [];

    public Dictionary<string, DateTimeOffset> Deduplication { get; } = new(StringComparer.Ordinal);

    public string? Delete(string receipt)
    {
        Messages.RemoveAll(message => message.Receipt == receipt);
        return null;
    }

    public string? ChangeVisibility(string receipt, DateTimeOffset now, TimeSpan visibility)
    {
        if (Messages.Find(message => message.Receipt == receipt) is not { } message || !message.IsInFlight(now))
            return "MessageNotInflight";
        message.VisibleAt = now + visibility;
        return null;
    }
}

internal sealed class StandInMessage(string body, string? group, DateTimeOffset sentAt)
{
    public string Id { get; } = Guid.NewGuid().ToString();

    public string Body => body;

    public string? Group => group;

    public DateTimeOffset VisibleAt { get; set; } = sentAt;

    public int ReceiveCount { get; set; }

    public string? Receipt { get; set; }

    public bool IsInFlight(DateTimeOffset now) => VisibleAt > now;
}
