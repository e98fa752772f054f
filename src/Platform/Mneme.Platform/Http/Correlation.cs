using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Mneme.Platform.Http;

/// <summary>
/// Ties a response to its trace. <c>traceparent</c> is continued by the server itself; the answer names the span (<c>traceresponse</c>) and repeats the caller's
/// <c>X-Correlation-Id</c>, which log lines of the request then carry too. Without one, the trace id serves.
/// </summary>
internal static class Correlation
{
    public const string Header = "X-Correlation-Id";

    /// <summary>Name of the span's tag that keeps the caller's id.</summary>
    public const string Tag = "correlation.id";

    private const int MaxLength = 128;

    public static void Apply(HttpContext context)
    {
        var headers = context.Response.Headers;
        var activity = Activity.Current;
        if (activity is not null)
            headers["traceresponse"] = activity.Id;
        if (context.Request.Headers.TryGetValue(Header, out var values) && values.ToString() is var given && IsSane(given))
        {
            activity?.SetTag(Tag, given);
            headers[Header] = given;
        }
        else
        {
            headers[Header] = TraceId(context);
        }
    }

    /// <summary>The trace id, as problem details and log lines show it.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    /// <summary>The id that the caller of the current request gave, if any.</summary>
    public static string? Given(Activity? activity)
    {
        for (; activity is not null; activity = activity.Parent)
        {
            if (activity.GetTagItem(Tag) is string id)
                return id;
        }

        return null;
    }

    /// <summary>Ids are printed in logs and headers: a short word, nothing that could end a line or a field.</summary>
    private static bool IsSane(string id)
    {
        if (id.Length is 0 or > MaxLength)
            return false;
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':' or '/' or '+' or '='))
                return false;
        }

        return true;
    }
}
