using System.Diagnostics;
using System.Text.Json;

namespace Mneme.Bench.Scheduling;

/// <summary>What is measured against, installed by npm in the versions of the lock file into a temporary folder.</summary>
internal sealed class NodeProject : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mneme-bench-node-");

    private NodeProject()
    {
    }

    public string Folder => _folder.FullName;

    public static async Task<NodeProject> InstallAsync(CancellationToken ct)
    {
        var project = new NodeProject();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Scheduling", "Node")))
            File.Copy(file, Path.Combine(project.Folder, Path.GetFileName(file)));
        // Not `ci`: the binding has a package for each platform, and a lock file made where not all of them are to be had is refused by it.
        await project.RunAsync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], "", ct);
        return project;
    }

    public async Task<JsonElement> RunAsync(string script, string input, CancellationToken ct, params IEnumerable<string> arguments) =>
        JsonDocument.Parse(await RunAsync("node", [script, .. arguments], input, ct)).RootElement;

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<string> RunAsync(string program, IEnumerable<string> arguments, string input, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        await process.StandardInput.WriteAsync(input.AsMemory(), ct);
        process.StandardInput.Close();
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: the reason is above.");
    }
}
