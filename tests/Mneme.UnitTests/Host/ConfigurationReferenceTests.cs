using Microsoft.Extensions.Configuration;

namespace Mneme.UnitTests.Host;

public sealed class ConfigurationReferenceTests
{
    [Fact]
    public void The_documentation_lists_every_setting_as_it_is() =>
        File.ReadAllText(Repository.File("docs/configuration.md"))
            .ShouldBe(ConfigurationReference.Markdown(Types), "write it anew with: ./mneme document-configuration > docs/configuration.md");

    [Fact]
    public void The_example_of_an_environment_lists_every_setting_as_it_is() =>
        File.ReadAllText(Repository.File(".env.example"))
            .ShouldBe(ConfigurationReference.Environment(Types), "write it anew with: ./mneme document-configuration --env > .env.example");

    private static IReadOnlyList<Mneme.Platform.Configuration.OptionsType> Types => ServiceCatalog.OptionsTypes(new ConfigurationBuilder().Build());
}
