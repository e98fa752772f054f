using Microsoft.Extensions.Configuration;
using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Messaging;

namespace Mneme.UnitTests.Host.Deployment;

/// <summary>What the program would say of the settings that a container gets.</summary>
internal static class SettingsOf
{
    /// <summary>Every name is a setting, every value is valid, and the target can run with them.</summary>
    public static IConfiguration ShouldRun(string target, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(environment.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value))).Build();
        var types = ServiceCatalog.OptionsTypes(configuration);
        foreach (var section in configuration.GetChildren())
            types.ShouldContain(type => type.Section == section.Key, $"{target} is told of {section.Key}, and there is no such section of settings");
        ConfigurationCheck.Run(configuration, types).ShouldBeEmpty(target);
        Targets.Choose(target, ServiceCatalog.Describe(configuration), configuration.Read<MessagingOptions>().Backend, configuration.Read<AskOptions>()).Refusals.ShouldBeEmpty(target);
        return configuration;
    }

    /// <summary>Settings that hold secrets, with the section each is in.</summary>
    public static IEnumerable<(string Section, string Name)> Secrets =>
        ServiceCatalog.OptionsTypes(new ConfigurationBuilder().Build()).SelectMany(type => Mneme.Deployment.DeploymentTarget.SecretsOf(type.Section, type.Type).Select(name => (type.Section, name)));
}
