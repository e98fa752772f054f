using Mneme.Cli;

namespace Mneme.Deployment;

/// <summary>A file, or the marked part of one, that follows from the catalogue.</summary>
/// <param name="Path">Below the folder of the deployment files.</param>
/// <param name="Text">The whole file, or what stands between the marks.</param>
/// <param name="IsPart">Whether the rest of the file is written by hand.</param>
/// <param name="Complete">Adds to the hand-written rest what is missing; what is there stays as it is.</param>
internal sealed record DeploymentFile(string Path, string Text, bool IsPart = false, Func<string, string>? Complete = null);

/// <summary>Writes what depends on the catalogue of <c>deploy/</c>; a test compares the files with it.</summary>
internal static class DeploymentFiles
{
    public const string Command = "mneme deployment write";
    private const string Begin = $"# --- written by `{Command}` from here";
    private const string End = "# --- to here";

    public static IReadOnlyList<DeploymentFile> Of(IReadOnlyList<DeploymentTarget> targets) =>
    [
        new("compose.yaml", ComposeServices.Write(targets), IsPart: true),
        new("kubernetes/kustomization.yaml", KubernetesTarget.WriteList(targets), IsPart: true, text => KubernetesTarget.AddImages(text, targets)),
        .. targets.Select(target => new DeploymentFile($"kubernetes/targets/{target.Name}.yaml", KubernetesTarget.Write(target, targets))),
        new("monitoring/prometheus.yml", PrometheusScrape.Write(targets)),
    ];

    /// <summary>Brings a folder up to date.</summary>
    /// <returns>The paths of the files that have changed, below the folder.</returns>
    /// <exception cref="OperatorException">A file of which only a part is written is missing or has no marks.</exception>
    public static IReadOnlyList<string> Write(string folder, IReadOnlyList<DeploymentTarget> targets)
    {
        var changed = new List<string>();
        // Everything is made before anything is written: a folder that is not ours stays as it is.
        foreach (var (path, text) in Of(targets).Select(file => (file.Path, Text: WholeOf(folder, file))).ToList())
        {
            var full = Path.Combine(folder, path);
            if (File.Exists(full) && File.ReadAllText(full) == text)
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
            changed.Add(path);
        }

        return changed;
    }

    /// <summary>The file as it should be: with a part, what is written by hand around it stays.</summary>
    public static string WholeOf(string folder, DeploymentFile file)
    {
        if (!file.IsPart)
            return file.Text;
        var path = Path.Combine(folder, file.Path);
        if (!File.Exists(path))
            throw new OperatorException($"there is no {path}: only a part of it is written. Copy deploy/ of the source into {folder} first.");
        var lines = File.ReadAllText(path).Split('\n');
        var begin = Array.FindIndex(lines, line => line.Trim() == Begin);
        var end = Array.FindIndex(lines, line => line.Trim() == End);
        if (begin < 0 || end < begin)
            throw new OperatorException($"{path} has no lines '{Begin}' and '{End}' to write between: restore it from deploy/ of the source.");
        var whole = string.Join('\n', [.. lines[..(begin + 1)], file.Text.TrimEnd('\n'), .. lines[end..]]);
        return file.Complete?.Invoke(whole) ?? whole;
    }
}
