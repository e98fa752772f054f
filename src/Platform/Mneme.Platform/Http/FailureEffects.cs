using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Mneme.Platform.Http;

/// <summary>
/// A handler's parameter for the few acts whose failure must leave a mark, such as a login with a wrong password: <see cref="Keep"/> commits the
/// changes although the outcome is a problem.
/// </summary>
public sealed class FailureEffects
{
    private readonly HttpContext _http;

    private FailureEffects(HttpContext http) => _http = http;

    /// <summary>The caller's network address.</summary>
    public string Address => _http.Connection.RemoteIpAddress?.ToString() ?? "unknown";

    public void Keep() => OperationFilter.KeepChanges(_http);

    public static ValueTask<FailureEffects> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult(new FailureEffects(context));
}
