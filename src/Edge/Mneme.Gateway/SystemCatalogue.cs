using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Platform.Http.OpenApi;

namespace Mneme.Gateway;

/// <summary>
/// The application of every service, built and never started: it opens no connection and runs nothing. It is what the gateway knows the system from, so that no list of
/// routes is written twice.
/// </summary>
internal sealed class SystemCatalogue : IAsyncDisposable
{
    private readonly WebApplication _application;

    /// <param name="services">Names of the services.</param>
    /// <param name="application">The application with all of them.</param>
    public SystemCatalogue(IReadOnlyList<string> services, WebApplication application)
    {
        _application = application;
        Table = OperationTable.Read(services, application);
        // Starting would do this; the API descriptions are made from what it registers.
        application.UseEndpoints(_ => { });
    }

    public OperationTable Table { get; }

    public ApiDocuments ApiDocuments => _application.Services.GetRequiredService<ApiDocuments>();

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
