namespace Mneme.Platform.Messaging;

/// <summary>A message as a broker delivered it. Adapters add what they need to acknowledge it.</summary>
public abstract class Delivery
{
    /// <param name="body">What was published: a CloudEvent or a batch of them, if it is one of ours.</param>
    /// <param name="previousDeliveries">How often the broker delivered it before, as far as it knows; 0 for the first time.</param>
    protected Delivery(string body, int previousDeliveries)
    {
        (Body, PreviousDeliveries) = (body, previousDeliveries);
        try
        {
            Events = CloudEvents.ReadAll(body);
        }
        catch (FormatException e)
        {
            (Events, WhyUnreadable) = ([], e.Message);
        }
    }

    public string Body { get; }

    public int PreviousDeliveries { get; }

    /// <summary>The events in it; none if it is unreadable.</summary>
    public IReadOnlyList<EventEnvelope> Events { get; }

    /// <summary>Null for events of ours.</summary>
    public string? WhyUnreadable { get; }
}
