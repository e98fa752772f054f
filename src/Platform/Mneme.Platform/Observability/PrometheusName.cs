using System.Text;

namespace Mneme.Platform.Observability;

/// <summary>OpenTelemetry's names to Prometheus': <c>http.server.request.duration</c> in <c>s</c> to <c>http_server_request_duration_seconds</c>.</summary>
internal static class PrometheusName
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["m"] = "meters",
        ["V"] = "volts",
        ["A"] = "amperes",
        ["J"] = "joules",
        ["W"] = "watts",
        ["g"] = "grams",
        ["Cel"] = "celsius",
        ["Hz"] = "hertz",
        ["%"] = "percent",
    };

    public static string Of(string name, string? unit, string type)
    {
        var result = Sanitise(name);
        if (type == "gauge" && result.EndsWith("_count", StringComparison.Ordinal))
            result = Plural(result[..^"_count".Length]);
        var suffix = Unit(unit, type);
        if (type == "counter" && result.EndsWith("_total", StringComparison.Ordinal))
            result = result[..^"_total".Length];
        if (suffix.Length > 0 && !result.EndsWith("_" + suffix, StringComparison.Ordinal))
            result += "_" + suffix;
        return type == "counter" ? result + "_total" : result;
    }

    public static string OfLabel(string key)
    {
        var name = Sanitise(key).Replace(':', '_');
        // `le` belongs to the buckets.
        return name == "le" ? "le_" : name;
    }

    private static string Sanitise(string name)
    {
        var result = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            var allowed = char.IsAsciiLetterOrDigit(c) || c is '_' or ':' ? c : '_';
            if (allowed != '_' || result.Length == 0 || result[^1] != '_')
                result.Append(allowed);
        }

        return result.Length == 0 || char.IsAsciiDigit(result[0]) ? "_" + result : result.ToString();
    }

    /// <summary>
    /// A gauge must not end in <c>_count</c>, which belongs to histograms (and <c>promtool check metrics</c> says so): <c>thread.count</c> becomes <c>threads</c>.
    /// </summary>
    private static string Plural(string name) => name.EndsWith('y') ? name[..^1] + "ies" : name.EndsWith('s') ? name : name + "s";

    private static string Unit(string? unit, string type)
    {
        // Annotations such as {request} only say what is counted.
        if (unit?.StartsWith('{') == true)
            unit = unit[(unit.IndexOf('}', StringComparison.Ordinal) + 1)..];
        if (string.IsNullOrEmpty(unit))
            return "";
        if (unit == "1")
            return type == "gauge" ? "ratio" : "";
        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return Word(unit);
        var per = Word(unit[(slash + 1)..]).TrimEnd('s');
        var what = Word(unit[..slash]);
        return what.Length > 0 ? $"{what}_per_{per}" : $"per_{per}";
    }

    private static string Word(string unit) => Units.TryGetValue(unit, out var word) ? word : Sanitise(unit).Trim('_');
}
