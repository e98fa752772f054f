using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Observability;

public enum OtlpProtocol
{
    Grpc,
    Http,
}

public sealed class TelemetryOptions : IOptionsSection
{
    public static string Section => "Telemetry";

    [Description("OpenTelemetry collector that traces and metrics are sent to, such as http://localhost:4317. Without one nothing is sent.")]
    public Uri? OtlpEndpoint { get; set; }

    [Description("Protocol of the collector: Grpc (usually port 4317) or Http (usually port 4318).")]
    public OtlpProtocol OtlpProtocol { get; set; } = OtlpProtocol.Grpc;

    [Description("Headers for the collector, such as api-key=…, separated by commas.")]
    [Secret]
    public string? OtlpHeaders { get; set; }

    [Description("Share of traces that are sent, from 0 to 1. A caller's decision (traceparent) is kept.")]
    [Range(0.0, 1.0)]
    public double SamplingRatio { get; set; } = 1;
}
