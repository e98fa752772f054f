using System.CommandLine;

namespace Mneme.Cli;

/// <summary><c>mneme document-configuration</c>: prints docs/configuration.md, or .env.example, from the options' types.</summary>
internal static class DocumentConfigurationCommand
{
    private static readonly Option<bool> AsEnvironment = new("--env") { Description = "Print .env.example instead of docs/configuration.md." };

    public static Command Create()
    {
        var command = new Command("document-configuration", "Print the reference of all settings.") { AsEnvironment };
        command.SetAction(result =>
        {
            var types = ServiceCatalog.OptionsTypes(new ConfigurationBuilder().Build());
            Console.Write(result.GetValue(AsEnvironment) ? ConfigurationReference.Environment(types) : ConfigurationReference.Markdown(types));
            return 0;
        });
        return command;
    }
}
