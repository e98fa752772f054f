using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mneme.JourneyTests.Support;

/// <summary>A span as it came over the wire; ids in hexadecimal, <see cref="ParentId"/> empty for a root.</summary>
public sealed record CollectedSpan(string Service, string Name, SpanKind Kind, string TraceId, string Id, string ParentId);

/// <summary>As opentelemetry/proto/trace/v1/trace.proto numbers them.</summary>
public enum SpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>A collector that takes OTLP over HTTP (protobuf), and keeps the spans.</summary>
public sealed class TraceCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TraceCollector(WebApplication app) => _app = app;

    public ConcurrentQueue<CollectedSpan> Spans { get; } = new();

    /// <summary>Settings of a program that sends its traces here.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings =>
    [
        ("Telemetry__OtlpEndpoint", _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        ("Telemetry__OtlpProtocol", "Http"),
    ];

    public static async Task<TraceCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var collector = new TraceCollector(app);
        app.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            foreach (var span in Read(body.ToArray()))
                collector.Spans.Enqueue(span);
        });
        app.MapPost("/v1/metrics", () => Results.Ok());
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1 }; the numbers below are those of the messages in opentelemetry/proto.
    private static IEnumerable<CollectedSpan> Read(byte[] request)
    {
        foreach (var (_, resourceSpans) in Fields(request).Where(field => field.Number == 1))
        {
            var fields = Fields(resourceSpans).ToList();
            var attributes = fields.Where(field => field.Number == 1).SelectMany(resource => Fields(resource.Value)).Where(field => field.Number == 1).Select(field => KeyAndText(field.Value));
            var service = attributes.First(attribute => attribute.Key == "service.name").Text;
            foreach (var (_, span) in fields.Where(field => field.Number == 2).SelectMany(scope => Fields(scope.Value)).Where(field => field.Number == 2))
            {
                var parts = Fields(span).ToLookup(field => field.Number, field => field.Value);
                yield return new CollectedSpan(
                    service, Encoding.UTF8.GetString(parts[5].Single()), (SpanKind)parts[6].Select(kind => kind[0]).FirstOrDefault(), Hex(parts[1].Single()), Hex(parts[2].Single()), Hex(parts[4].FirstOrDefault([])));
            }
        }
    }

    private static (string Key, string Text) KeyAndText(byte[] attribute)
    {
        var parts = Fields(attribute).ToLookup(field => field.Number, field => field.Value);
        return (Encoding.UTF8.GetString(parts[1].Single()), Encoding.UTF8.GetString(Fields(parts[2].Single()).FirstOrDefault(value => value.Number == 1).Value ?? []));
    }

    private static string Hex(byte[] id) => Convert.ToHexStringLower(id);

    /// <summary>The fields of a protobuf message; a number as its own varint.</summary>
    private static IEnumerable<(int Number, byte[] Value)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var start = at;
            var length = (tag & 7) switch
            {
                0 => VarintLength(message, at),
                1 => sizeof(ulong),
                2 => (int)Varint(message, ref start),
                5 => sizeof(uint),
                var type => throw new FormatException($"Wire type {type} is not used any more."),
            };
            yield return ((int)(tag >> 3), message[start..(start + length)]);
            at = start + length;
        }
    }

    private static int VarintLength(byte[] message, int at)
    {
        var end = at;
        Varint(message, ref end);
        return end - at;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var octet = message[at++];
            value |= (ulong)(octet & 0x7f) << shift;
            if (octet < 0x80)
                return value;
        }
    }
}
