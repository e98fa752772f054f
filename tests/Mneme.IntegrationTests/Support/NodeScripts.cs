using System.Diagnostics;

namespace Mneme.IntegrationTests.Support;

/// <summary>Scripts with what they need from npm, installed in the versions of their lock file into a temporary folder.</summary>
public abstract class NodeScripts(params string[] source) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-node-").FullName;

    public async ValueTask InitializeAsync()
    {
        foreach (var file in Directory.GetFiles(Path.Combine([AppContext.BaseDirectory, .. source])))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], input: "");
    }

    /// <returns>What it printed.</returns>
    public Task<string> RunAsync(string script, string input, params IEnumerable<string> arguments) => RunAsync("node", [script, .. arguments], input);

    private async Task<string> RunAsync(string program, IEnumerable<string> arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        // Read while it is written to: either side may fill its pipe.
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program}: {await error}");
        return await output;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
