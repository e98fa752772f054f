using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Http;
using Mneme.Platform.Services;

namespace Mneme.Platform.Observability;

/// <summary>What both forms of a log line have in common.</summary>
internal static class LogLine
{
    /// <summary>The key under which the logging library keeps the message's template.</summary>
    public const string Template = "{OriginalFormat}";

    public static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    /// <summary>The service on whose behalf the line is written, or the process's own name.</summary>
    public static string Service => CurrentService.Ambient is { Length: > 0 } name ? name : CurrentService.OfProcess;

    public static string? TraceId => Activity.Current?.TraceId.ToHexString();

    public static string? CorrelationId => Correlation.Given(Activity.Current);

    public static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        // The invariant culture would put the month first.
        DateTimeOffset or DateTime or DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable items => string.Join(", ", items.Cast<object?>()),
        _ => value.ToString(),
    };
}
