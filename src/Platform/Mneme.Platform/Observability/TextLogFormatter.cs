using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Mneme.Platform.Observability;

/// <summary>Log lines for people at a terminal: <c>14:03:22 warning study  What happened</c>, and an exception below.</summary>
internal sealed class TextLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "mneme-text";
    private const string Reset = "\e[0m";
    private const string Dim = "\e[2m";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(Dim);
        textWriter.Write(time.GetUtcNow().ToLocalTime().ToString("HH:mm:ss ", CultureInfo.InvariantCulture));
        textWriter.Write(Reset);
        textWriter.Write(Colour(logEntry.LogLevel));
        textWriter.Write(LogLine.Level(logEntry.LogLevel).PadRight(8));
        textWriter.Write(Reset);
        textWriter.Write(Dim);
        textWriter.Write(LogLine.Service.PadRight(9));
        textWriter.Write(Reset);
        textWriter.WriteLine(Printable(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        if (logEntry.Exception is not { } exception)
            return;
        textWriter.Write(Dim);
        textWriter.Write(Printable(exception.ToString()));
        textWriter.WriteLine(Reset);
    }

    private static string Colour(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => Dim,
        LogLevel.Information => "\e[32m",
        LogLevel.Warning => "\e[33m",
        _ => "\e[31m",
    };

    /// <summary>Text from elsewhere must not move the terminal's cursor or colour its lines.</summary>
    private static string Printable(string text) => !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f') && !text.AsSpan().ContainsAnyInRange('\0', '\b') && !text.AsSpan().ContainsAnyInRange('\v', '\x1f')
        ? text
        : string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) && source[i] is not ('\n' or '\t') ? '\uFFFD' : source[i];
        });
}
