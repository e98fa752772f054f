using System.Diagnostics;

namespace Mneme.IntegrationTests.Aws;

/// <summary>AWS's SDK for JavaScript, installed by npm in the versions of the lock file, and its scripts.</summary>
public sealed class AwsSdk : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-aws-sdk-").FullName;

    public async ValueTask InitializeAsync()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Aws", "Sdk")))
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
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program}: {await error}");
        return output;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
