namespace Mneme.Platform.Messaging;

/// <summary>A message as a broker delivered it. Adapters add what they need to acknowledge it.</summary>
/// <param name="body">What was published: a CloudEvent, if it is one of ours.</param>
/// <param name="previousDeliveries">How often the broker delivered it before, as far as it knows; 0 for the first time.</param>
public abstract class Delivery(string body, int previousDeliveries)
{
    public string Body { get; } = body;

    public int PreviousDeliveries { get; } = previousDeliveries;
}
