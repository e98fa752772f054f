using System.Diagnostics;
using System.Text;

namespace Mneme.JourneyTests.Support;

/// <summary>A copy of the files that git tracks here, to change and build without touching this checkout.</summary>
public sealed class Checkout : IDisposable
{
    // Not a measure of speed, which a loaded machine would miss: only what hangs takes so long.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mneme-checkout-");

    private Checkout()
    {
    }

    public string Root => _folder.FullName;

    public static async Task<Checkout> CopyAsync()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(here.FullName, "Mneme.slnx")))
            here = here.Parent ?? throw new InvalidOperationException("The tests run outside a checkout.");
        var copy = new Checkout();
        var files = (await RunAsync(here.FullName, "git", "ls-files", "--cached", "-z")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        foreach (var file in files.Where(file => File.Exists(Path.Combine(here.FullName, file))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy.Root, file))!);
            File.Copy(Path.Combine(here.FullName, file), Path.Combine(copy.Root, file));
        }

        return copy;
    }

    /// <summary>
    /// Runs a command at the root, to its end and with success. What is built here was built before but for a few files, so analysers run only where a command says so.
    /// </summary>
    /// <returns>What it printed.</returns>
    public Task<string> RunAsync(params string[] command) => RunAsync(Root, command);

    /// <summary>Runs the tests of a built project whose classes match.</summary>
    /// <returns>How many passed; none failed.</returns>
    public async Task<int> TestAsync(string project, params string[] classes)
    {
        var output = await RunAsync(["dotnet", $"tests/{project}/bin/Release/net10.0/{project}.dll", "-noLogo", "-noColor", .. classes.SelectMany(name => new[] { "-class", name })]);
        var summary = output.Split('\n').Single(line => line.Contains("Total: ", StringComparison.Ordinal));
        summary.ShouldContain("Errors: 0, Failed: 0, Skipped: 0", Case.Sensitive, output);
        return int.Parse(summary.Split("Total: ")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<string> RunAsync(string folder, params string[] command)
    {
        var start = new ProcessStartInfo(command[0] == "./mneme" ? Path.Combine(folder, "mneme") : command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["RunAnalyzers"] = "false" },
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (new StringBuilder(), new StringBuilder());
        await Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, errors), process.WaitForExitAsync()).WaitAsync(Limit);
        process.ExitCode.ShouldBe(0, $"{string.Join(' ', command)}\n{output}\n{errors}");
        return output.ToString();
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder into)
    {
        while (await reader.ReadLineAsync() is { } line)
            into.Append(line).Append('\n');
    }
}
