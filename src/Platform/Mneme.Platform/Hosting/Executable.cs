namespace Mneme.Platform.Hosting;

/// <summary>How this program is started again, for children that do a part of its work.</summary>
public static class Executable
{
    /// <summary>The program, or <c>dotnet</c> and the assembly that it runs.</summary>
    public static IReadOnlyList<string> Command { get; } =
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet"
            ? [path, Environment.GetCommandLineArgs()[0]]
            : [Environment.ProcessPath!];
}
