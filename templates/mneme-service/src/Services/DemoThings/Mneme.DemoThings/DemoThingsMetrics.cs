using System.Diagnostics.Metrics;

namespace Mneme.DemoThings;

internal static class DemoThingsMetrics
{
    private static readonly Meter Meter = new("Mneme.DemoThings");
    private static readonly Counter<long> CreatedDemoThings = Meter.CreateCounter<long>("mneme.demo_things.created", "{demo_thing}", "Demo things that people created.");
    private static readonly Counter<long> CompletedDemoThings = Meter.CreateCounter<long>("mneme.demo_things.completed", "{demo_thing}", "Demo things that were completed.");

    public static void Created() => CreatedDemoThings.Add(1);

    public static void Completed() => CompletedDemoThings.Add(1);
}
