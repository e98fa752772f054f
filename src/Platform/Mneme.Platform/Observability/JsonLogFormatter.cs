using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Mneme.Platform.Observability;

/// <summary>
/// One JSON object per line with exactly <c>level, service, timestamp, traceId, message, metadata</c>. Metadata holds the category, the values of the message's
/// template and, if there was one, the exception.
/// </summary>
internal sealed class JsonLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "mneme-json";
    private const int LargestKeptBuffer = 64 * 1024;

    // A thread writes one line at a time, so each keeps its buffer.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _json;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1024);
        buffer.ResetWrittenCount();
        // Relaxed: log lines are not put into HTML, and umlauts should be readable.
        var json = _json ??= new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        json.Reset(buffer);

        json.WriteStartObject();
        json.WriteString("level"u8, LogLine.Level(logEntry.LogLevel));
        json.WriteString("service"u8, LogLine.Service);
        Span<char> timestamp = stackalloc char[24];
        time.GetUtcNow().UtcDateTime.TryFormat(timestamp, out _, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        json.WriteString("timestamp"u8, timestamp);
        json.WriteString("traceId"u8, LogLine.TraceId);
        json.WriteString("message"u8, logEntry.Formatter(logEntry.State, logEntry.Exception));
        json.WriteStartObject("metadata"u8);
        json.WriteString("category"u8, logEntry.Category);
        if (logEntry.EventId.Name is { } name)
            json.WriteString("event"u8, name);
        if (LogLine.CorrelationId is { } correlationId)
            json.WriteString("correlationId"u8, correlationId);
        WriteValues(json, logEntry.State);
        scopeProvider?.ForEachScope(static (scope, writer) => WriteValues(writer, scope), json);
        if (logEntry.Exception is { } exception)
            WriteException(json, exception);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();

        var chars = ArrayPool<char>.Shared.Rent(buffer.WrittenCount);
        textWriter.WriteLine(chars.AsSpan(0, Encoding.UTF8.GetChars(buffer.WrittenSpan, chars)));
        ArrayPool<char>.Shared.Return(chars);
        if (buffer.Capacity > LargestKeptBuffer)
            (_buffer, _json) = (null, null);
    }

    private static void WriteValues<T>(Utf8JsonWriter json, T state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values)
            return;
        for (var i = 0; i < values.Count; i++)
        {
            var (key, value) = values[i];
            if (key is LogLine.Template or "category" or "event" or "correlationId" or "error")
                continue;
            switch (value)
            {
                case null:
                    json.WriteNull(key);
                    break;
                case bool flag:
                    json.WriteBoolean(key, flag);
                    break;
                case int number:
                    json.WriteNumber(key, number);
                    break;
                case long number:
                    json.WriteNumber(key, number);
                    break;
                case double number when double.IsFinite(number):
                    json.WriteNumber(key, number);
                    break;
                case Guid id:
                    json.WriteString(key, id);
                    break;
                default:
                    json.WriteString(key, LogLine.Text(value));
                    break;
            }
        }
    }

    private static void WriteException(Utf8JsonWriter json, Exception exception)
    {
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, exception.GetType().FullName);
        json.WriteString("message"u8, exception.Message);
        // Inner exceptions, with their types and messages, are part of the text.
        json.WriteString("stack"u8, exception.ToString());
        json.WriteEndObject();
    }
}
