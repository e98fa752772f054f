using Microsoft.Extensions.Configuration;
using Mneme.Gateway;
using Mneme.Platform.Http;

namespace Mneme.UnitTests.Gateway;

/// <summary>The table of the real system: what it is made from is the services' own routes.</summary>
public sealed class OperationTableTests(SystemTable system) : IClassFixture<SystemTable>
{
    [Fact]
    public void Every_service_has_operations_and_each_has_one_owner()
    {
        system.Table.Services.ShouldBe(ServiceCatalog.All.Select(service => service.Name));
        foreach (var service in system.Table.Services)
            system.Table.Operations.ShouldContain(operation => operation.Service == service);
        system.Table.Operations.SelectMany(operation => operation.Methods.Select(method => $"{method} {operation.PublicPattern}")).ShouldBeUnique();
    }

    [Fact]
    public void An_operation_keeps_what_it_declares()
    {
        Find("POST", "/api/v1/flashcards/review").ShouldSatisfyAllConditions(o => o.Service.ShouldBe("study"), o => o.Ownership.ShouldBe(Ownership.Owner), o => o.IsOfProcess.ShouldBeFalse());
        Find("POST", "/api/v1/auth/login").ShouldSatisfyAllConditions(o => o.Service.ShouldBe("identity"), o => o.Ownership.ShouldBe(Ownership.Public));
        Find("GET", "/.well-known/jwks.json").Service.ShouldBe("identity");
    }

    [Fact]
    public void What_is_asked_of_a_process_is_asked_of_each_by_name_and_by_administrators()
    {
        var letters = system.Table.Operations.Where(operation => operation.Pattern == "/api/v1/admin/dead-letters").ToList();
        letters.Select(operation => operation.PublicPattern).ShouldBe(system.Table.Services.Select(service => $"/services/{service}/api/v1/admin/dead-letters"), ignoreOrder: true);
        system.Table.Operations.Where(operation => operation.IsOfProcess).ShouldAllBe(operation => operation.Ownership == Ownership.Admin);
        system.Table.Operations.ShouldContain(operation => operation.PublicPattern == "/services/study/health/environment");
    }

    [Fact]
    public void Probes_and_pages_are_the_gateways_own() =>
        system.Table.Operations.ShouldNotContain(operation => operation.PublicPattern.StartsWith("/health", StringComparison.Ordinal) || operation.PublicPattern.StartsWith("/docs", StringComparison.Ordinal) || operation.PublicPattern.StartsWith("/openapi", StringComparison.Ordinal));

    private Operation Find(string method, string path) => system.Table.Operations.Single(operation => operation.PublicPattern == path && operation.Methods.Contains(method));
}

/// <summary>Built once: the application of all services, not started.</summary>
public sealed class SystemTable : IAsyncDisposable
{
    private readonly SystemCatalogue _catalogue = GatewayApplication.Catalogue(new ConfigurationBuilder().Build());

    internal OperationTable Table => _catalogue.Table;

    public ValueTask DisposeAsync() => _catalogue.DisposeAsync();
}
