using System.ComponentModel;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Observability;

public enum LogFormat
{
    /// <summary>Text on a terminal, JSON elsewhere.</summary>
    Auto,

    /// <summary>One JSON object per line.</summary>
    Json,

    /// <summary>For people.</summary>
    Text,
}

public sealed class LoggingOptions : IOptionsSection
{
    public static string Section => "Logging";

    [Description("Form of log lines: Json, Text for people, or Auto: text on a terminal, JSON elsewhere.")]
    public LogFormat Format { get; set; } = LogFormat.Auto;

    [Description("Lowest level by category, such as Logging__LogLevel__Default=Debug; Logging__LogLevel__Mneme.Requests=Debug shows every request.")]
    public Dictionary<string, LogLevel> LogLevel { get; set; } = [];
}
