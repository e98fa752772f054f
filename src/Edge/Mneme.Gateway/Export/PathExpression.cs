using System.Text;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Mneme.Gateway.Export;

/// <summary>
/// A route's pattern as a regular expression that RE2 (Traefik) and PCRE (HAProxy) read alike. It is never narrower than the pattern: what it lets through in excess, such as
/// a malformed id, the service answers.
/// </summary>
internal static class PathExpression
{
    /// <returns>An anchored expression; paths match without regard to case.</returns>
    public static string Of(string pattern)
    {
        var expression = new StringBuilder("^");
        foreach (var segment in RoutePatternFactory.Parse(pattern).PathSegments)
        {
            if (segment.Parts is [RoutePatternParameterPart { IsCatchAll: true }])
            {
                expression.Append("(?:/.*)?");
                continue;
            }

            var isOptional = segment.Parts is [RoutePatternParameterPart { IsOptional: true }];
            expression.Append(isOptional ? "(?:/" : "/");
            foreach (var part in segment.Parts)
                Append(expression, part);
            if (isOptional)
                expression.Append(")?");
        }

        return expression.Append("/?$").ToString();
    }

    private static void Append(StringBuilder expression, RoutePatternPart part)
    {
        switch (part)
        {
            case RoutePatternLiteralPart literal:
                Escape(expression, literal.Content);
                break;
            case RoutePatternSeparatorPart separator:
                Escape(expression, separator.Content);
                break;
            case RoutePatternParameterPart parameter:
                expression.Append(parameter.ParameterPolicies.Select(policy => Of(policy)).FirstOrDefault(known => known is not null) ?? "[^/]+");
                break;
        }
    }

    private static string? Of(RoutePatternParameterPolicyReference constraint) => constraint.Content switch
    {
        "guid" => "[0-9A-Fa-f-]{32,36}",
        "int" or "long" => "-?[0-9]+",
        _ => null,
    };

    private static void Escape(StringBuilder expression, string literal)
    {
        foreach (var c in literal)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '/'))
                expression.Append('\\');
            expression.Append(c);
        }
    }
}
