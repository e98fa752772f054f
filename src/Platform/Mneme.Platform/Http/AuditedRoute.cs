using Microsoft.AspNetCore.Http;

namespace Mneme.Platform.Http;

/// <summary>A method and a path whose requests and answers are logged: <c>POST /api/v1/auth/*</c>.</summary>
/// <param name="Method">An HTTP method, or <c>*</c>.</param>
/// <param name="Path">An operation's path as it is declared, <c>/api/v1/captures/{id:guid}</c>; a <c>*</c> at its end stands for any rest.</param>
internal sealed record AuditedRoute(string Method, string Path)
{
    /// <returns>Null if the text is not a method and a path.</returns>
    public static AuditedRoute? TryParse(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var method, ['/', ..] path] && method.All(c => char.IsAsciiLetterUpper(c) || c == '*') && path.IndexOf('*', StringComparison.Ordinal) is var star
        && (star < 0 || star == path.Length - 1)
            ? new AuditedRoute(method, path)
            : null;

    public bool Covers(string method, string operation) =>
        (Method == "*" || HttpMethods.Equals(Method, method))
        && (Path[^1] == '*' ? operation.AsSpan().StartsWith(Path.AsSpan(0, Path.Length - 1), StringComparison.OrdinalIgnoreCase) : operation.Equals(Path, StringComparison.OrdinalIgnoreCase));
}
