using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Mneme.Platform.Services;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mneme.Platform.Observability;

/// <summary>
/// Traces. Every request and every handled event has a span, exporter or not: problem details, log lines and outbox rows carry its id. Without an exporter the span is
/// only that id; with one it is sampled and sent.
/// </summary>
internal sealed class Tracing(TelemetryOptions options) : IHostedService, IDisposable
{
    private const string Server = "Microsoft.AspNetCore";
    private const string Own = "Mneme.";

    private readonly ActivityListener _ids = new()
    {
        ShouldListenTo = source => source.Name == Server || source.Name.StartsWith(Own, StringComparison.Ordinal),
        Sample = (ref _) => ActivitySamplingResult.PropagationData,
    };

    private TracerProvider? _provider;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ActivitySource.AddActivityListener(_ids);
        if (options.OtlpEndpoint is null)
            return Task.CompletedTask;
        _provider = Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => Describe(resource))
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.SamplingRatio)))
            .AddSource(Server, "System.Net.Http", "Npgsql", Own + "*")
            .AddOtlpExporter(exporter => Configure(exporter, options, "v1/traces"))
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _provider?.ForceFlush(timeoutMilliseconds: 2000);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _provider?.Dispose();
        _ids.Dispose();
    }

    internal static ResourceBuilder Describe(ResourceBuilder resource) =>
        resource.AddService(CurrentService.OfProcess, serviceVersion: typeof(Tracing).Assembly.GetName().Version?.ToString(3), serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}");

    internal static void Configure(OtlpExporterOptions exporter, TelemetryOptions options, string path)
    {
        exporter.Protocol = options.OtlpProtocol == OtlpProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        // An endpoint that is set in code is taken as it stands, so the signal's path is added here.
        exporter.Endpoint = options.OtlpProtocol == OtlpProtocol.Grpc ? options.OtlpEndpoint! : new Uri(options.OtlpEndpoint!.AbsoluteUri.TrimEnd('/') + "/" + path);
        if (options.OtlpHeaders is { Length: > 0 } headers)
            exporter.Headers = headers;
    }
}
