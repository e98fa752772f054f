namespace Mneme.Platform.Services;

/// <summary>The services that run in this process.</summary>
public sealed class ServiceRegistry(IReadOnlyList<ServiceDescription> services)
{
    public IReadOnlyList<ServiceDescription> Services { get; } = services;

    public ServiceDescription? Find(string name) => Services.FirstOrDefault(s => s.Name == name);
}

/// <summary>Names of all services of the system that store personal data, wherever they run.</summary>
public sealed record SystemServices(IReadOnlyList<string> WithPersonalData);
