namespace Mneme.JourneyTests.Support;

/// <summary>How the program is run. The journeys are the same in each.</summary>
public enum Topology
{
    InOneProcess,

    /// <summary>A process for each service and the gateway before them, with a RabbitMQ between them.</summary>
    SplitOverRabbitMq,
}
