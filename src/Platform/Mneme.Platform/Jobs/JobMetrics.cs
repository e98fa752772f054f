using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mneme.Platform.Jobs;

internal static class JobMetrics
{
    public const string Name = "Mneme.Jobs";

    private static readonly Meter Meter = new(Name);
    private static readonly ActivitySource Source = new(Name);
    private static readonly Counter<long> DoneJobs = Meter.CreateCounter<long>("mneme.jobs.done", "{job}", "Jobs that were completed.");
    private static readonly Counter<long> FailedJobs = Meter.CreateCounter<long>("mneme.jobs.failed", "{job}", "Attempts at jobs that failed.");

    public static Activity? Start(string service, string kind, string? traceParent)
    {
        var parent = ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : default;
        return Source.StartActivity(kind, ActivityKind.Internal, parent)?.SetTag("mneme.service", service);
    }

    public static void Done(string kind) => DoneJobs.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public static void Failed(string kind) => FailedJobs.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
