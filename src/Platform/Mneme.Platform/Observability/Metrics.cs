using System.IO.Pipelines;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Mneme.Platform.Observability;

/// <summary>Metrics of the program and the libraries it stands on: read by Prometheus whenever it asks, and sent over OTLP when that is configured.</summary>
internal sealed class Metrics(TelemetryOptions options) : IHostedService, IDisposable
{
    private static readonly string[] Meters =
        ["Mneme.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql"];

    private readonly PrometheusExporter _exporter = new();
    private readonly Lock _turn = new();
    private MeterProvider? _provider;
    private BaseExportingMetricReader? _reader;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _reader = new BaseExportingMetricReader(_exporter) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => Tracing.Describe(resource))
            .AddMeter(Meters)
            .AddReader(_reader);
        if (options.OtlpEndpoint is not null)
            builder.AddOtlpExporter(exporter => Tracing.Configure(exporter, options, "v1/metrics"));
        _provider = builder.Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (options.OtlpEndpoint is not null)
            _provider?.ForceFlush(timeoutMilliseconds: 2000);
        return Task.CompletedTask;
    }

    /// <summary>Writes the present state in Prometheus' text format.</summary>
    public async Task WriteAsync(PipeWriter output, CancellationToken ct) => await output.WriteAsync(Collect(), ct);

    private byte[] Collect()
    {
        lock (_turn)
        {
            _reader?.Collect();
            return _exporter.Take();
        }
    }

    public void Dispose() => _provider?.Dispose();

    /// <summary>Keeps what the last collection brought until it is taken.</summary>
    private sealed class PrometheusExporter : BaseExporter<Metric>
    {
        private byte[] _latest = [];

        public override ExportResult Export(in Batch<Metric> batch)
        {
            var text = new PrometheusText();
            foreach (var metric in batch)
                text.Add(metric);
            _latest = text.ToUtf8();
            return ExportResult.Success;
        }

        public byte[] Take() => _latest;
    }
}
