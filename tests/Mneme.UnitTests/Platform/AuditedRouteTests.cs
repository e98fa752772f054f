using Mneme.Platform.Http;

namespace Mneme.UnitTests.Platform;

public sealed class AuditedRouteTests
{
    [Theory]
    [InlineData("* /api/v1/admin/*", "DELETE", "/api/v1/admin/users/{id:guid}", true)]
    [InlineData("* /api/v1/admin/*", "GET", "/api/v1/administer", false)]
    [InlineData("POST /api/v1/auth/login", "POST", "/api/v1/auth/login", true)]
    [InlineData("POST /api/v1/auth/login", "GET", "/api/v1/auth/login", false)]
    [InlineData("POST /api/v1/auth/login", "POST", "/api/v1/auth/logins", false)]
    [InlineData("* /*", "GET", "/health", true)]
    public void It_covers_what_it_says(string route, string method, string operation, bool isCovered) =>
        AuditedRoute.TryParse(route).ShouldNotBeNull().Covers(method, operation).ShouldBe(isCovered);

    [Theory]
    [InlineData("")]
    [InlineData("/api/v1/admin/*")]
    [InlineData("POST")]
    [InlineData("post /api")]
    [InlineData("POST api/v1")]
    [InlineData("POST /api/*/users")]
    [InlineData("POST /api /more")]
    public void What_is_no_method_and_path_is_none(string text) => AuditedRoute.TryParse(text).ShouldBeNull();
}
