using System.Globalization;
using Mneme.Cli;

// Whatever the machine's language is, logs, files and messages look the same; texts for people name their culture.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

return await CommandLine.RunAsync(args);
