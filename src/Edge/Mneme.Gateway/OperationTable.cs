using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Mneme.Platform.Http;
using Mneme.Platform.Http.OpenApi;

namespace Mneme.Gateway;

/// <summary>One operation of the system, as its service declared it.</summary>
/// <param name="Service">The service that has it.</param>
/// <param name="Pattern">Its path as it is declared: <c>/api/v1/captures/{id:guid}</c>.</param>
/// <param name="Methods">Its methods, in capitals; never empty.</param>
/// <param name="Ownership">Who may call it.</param>
/// <param name="BodyLimit">Largest body in bytes; null for the installation's limit.</param>
/// <param name="Deadline">Its own time limit; <see cref="Timeout.InfiniteTimeSpan"/> for none, null for the installation's.</param>
internal sealed record Operation(string Service, string Pattern, IReadOnlyList<string> Methods, Ownership Ownership, long? BodyLimit = null, TimeSpan? Deadline = null)
{
    /// <summary>What is asked of a process and not of a service: each process answers for itself, so the caller says which one is meant.</summary>
    public bool IsOfProcess { get; init; }

    /// <summary>The path at the gateway.</summary>
    public string PublicPattern => IsOfProcess ? OperationTable.PrefixOf(Service) + Pattern : Pattern;
}

/// <summary>Every operation of the system, read from its built application.</summary>
internal sealed class OperationTable
{
    private OperationTable(IReadOnlyList<string> services, IReadOnlyList<Operation> operations) => (Services, Operations) = (services, operations);

    public IReadOnlyList<string> Services { get; }

    /// <summary>By service, path and method.</summary>
    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>Where the operations of a service's process are: its dead letters, its audit trail, its listeners.</summary>
    public static string PrefixOf(string service) => $"/services/{service}";

    /// <param name="services">The services of the system.</param>
    /// <param name="application">An application of all of them, built and not started.</param>
    public static OperationTable Read(IReadOnlyList<string> services, IEndpointRouteBuilder application)
    {
        var endpoints = application.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();
        var operations = endpoints.SelectMany(endpoint => Of(endpoint, services)).ToList();
        return new OperationTable(
            services, [.. operations.OrderBy(o => o.Service, StringComparer.Ordinal).ThenBy(o => o.IsOfProcess).ThenBy(o => o.Pattern, StringComparer.Ordinal).ThenBy(o => o.Methods[0], StringComparer.Ordinal)]);
    }

    private static IEnumerable<Operation> Of(RouteEndpoint endpoint, IReadOnlyList<string> services)
    {
        var metadata = endpoint.Metadata;
        var methods = metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
        // Probes, pages and descriptions: the gateway has its own.
        if (methods.Count == 0 || metadata.GetMetadata<OwnershipMetadata>() is not { } ownership)
            return [];
        var operation = new Operation(
            "", Normal(endpoint.RoutePattern), [.. methods.Select(method => method.ToUpperInvariant())], ownership.Ownership,
            metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize, metadata.GetMetadata<DeadlineMetadata>()?.Deadline);
        var group = metadata.GetMetadata<IEndpointGroupNameMetadata>()?.EndpointGroupName;
        if (group is not null && services.Contains(group, StringComparer.Ordinal))
            return [operation with { Service = group }];
        return group == ApiDocuments.Platform || group is null && ownership.Ownership == Ownership.Admin
            ? services.Select(service => operation with { Service = service, IsOfProcess = true })
            : [];
    }

    private static string Normal(RoutePattern pattern) => "/" + pattern.RawText!.Trim('/');
}
