using System.Reflection;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Http;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.Deployment;

/// <summary>What a target reaches beyond the installation.</summary>
/// <param name="Ports">TCP ports.</param>
/// <param name="IsPublicOnly">Whether it fetches what people name, and so must not reach private networks.</param>
internal sealed record OutsideAccess(IReadOnlyList<int> Ports, bool IsPublicOnly);

/// <summary>What deployment files say of one target: a service of the catalogue, or the gateway.</summary>
/// <param name="Name">Its name, which is also that of its host.</param>
/// <param name="AskedBy">The targets that the contracts allow to ask it.</param>
/// <param name="Asks">The targets that it may ask.</param>
/// <param name="Secrets">Secret settings that it alone has, as in the environment.</param>
/// <param name="Outside">What it reaches outside; null for nothing.</param>
internal sealed record DeploymentTarget(string Name, IReadOnlyList<string> AskedBy, IReadOnlyList<string> Asks, IReadOnlyList<string> Secrets, OutsideAccess? Outside)
{
    public static int HttpPort { get; } = new HttpOptions().Port;

    public static int ManagementPort { get; } = new HttpOptions().ManagementPort;

    public static int AskPort { get; } = new AskOptions().DnsPort;

    // The catalogue does not know it; a test asks it of every service that opens connections of its own.
    private static readonly Dictionary<string, OutsideAccess> OutsideAccesses = new(StringComparer.Ordinal)
    {
        ["ai"] = new([443], IsPublicOnly: false),
        ["capture"] = new([80, 443], IsPublicOnly: true),
        ["channels"] = new([80, 443], IsPublicOnly: true),
        ["notify"] = new([25, 465, 587], IsPublicOnly: false),
    };

    public bool IsGateway => Name == Targets.Gateway;

    /// <summary>Whether it has the key that protects the keys of tokens (docs/services/identity.md).</summary>
    public bool HasIdentityKey => Name == "identity";

    /// <summary>Every target: the services, and the gateway last.</summary>
    public static IReadOnlyList<DeploymentTarget> All(IConfiguration configuration)
    {
        var services = ServiceCatalog.Describe(configuration);
        var askedBy = services.ToDictionary(service => service.Name, AskersOf, StringComparer.Ordinal);
        return [.. Targets.WithCertificate.Select(name => new DeploymentTarget(
            name,
            askedBy.GetValueOrDefault(name) ?? [],
            [.. askedBy.Where(asked => asked.Value.Contains(name)).Select(asked => asked.Key)],
            [.. services.Where(service => service.Name == name).SelectMany(service => service.Options).Select(OptionsType.Of).SelectMany(type => SecretsOf(type.Section, type.Type))],
            OutsideAccesses.GetValueOrDefault(name)))];
    }

    /// <summary>Names of the secret settings in a type of options, as in the environment.</summary>
    public static IEnumerable<string> SecretsOf(string path, Type options) =>
        from property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        from secret in property.IsDefined(typeof(SecretAttribute)) ? [$"{path}__{property.Name}"]
            : property.PropertyType is { IsClass: true, Namespace: { } space } && space.StartsWith(nameof(Mneme), StringComparison.Ordinal) ? SecretsOf($"{path}__{property.Name}", property.PropertyType)
            : []
        select secret;

    private static string[] AskersOf(ServiceDescription service)
    {
        var askers = service.Answers.SelectMany(answer => answer.Type.Contract.AskedBy).ToHashSet(StringComparer.Ordinal);
        return [.. Targets.WithCertificate.Where(name => name != service.Name && (askers.Contains(AskAttribute.EveryService) || askers.Contains(name)))];
    }
}
