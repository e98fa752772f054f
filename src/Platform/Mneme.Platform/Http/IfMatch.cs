using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Mneme.Platform.Http;

/// <summary>The <c>If-Match</c> header of an update, as a handler's parameter.</summary>
public sealed record IfMatch(string? Value)
{
    /// <summary>Whether the caller's precondition holds for this version; true without the header.</summary>
    public bool Allows(long version) => Value is null or "*" || Value.Split(',').Any(tag => tag.Trim() == OutcomeResult.ETag(version));

    public static ValueTask<IfMatch> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(new IfMatch(context.Request.Headers.IfMatch is { Count: > 0 } values ? values.ToString() : null));
}
