using Mneme.Contracts.Identity;
using Mneme.Platform.Hosting;
using Mneme.Platform.Services;

namespace Mneme;

/// <summary>Every service of the system. Which of them run in a process is decided by the targets.</summary>
internal static class ServiceCatalog
{
    public static IReadOnlyList<IService> All { get; } =
    [
    ];

    /// <summary>What the composition root adds to each service, so that no service can leave it out.</summary>
    public static void Complete(ServiceDescription service) => service.EraseOn<UserDeleted>(e => e.UserId);
}
