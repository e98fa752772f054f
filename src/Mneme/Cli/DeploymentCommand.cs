using System.CommandLine;
using Mneme.Deployment;

namespace Mneme.Cli;

/// <summary><c>mneme deployment write</c>: writes what of the deployment files follows from the catalogue. docs/deployment.md explains them.</summary>
internal static class DeploymentCommand
{
    private static readonly Argument<string> Folder = new("folder") { Description = "Folder of the deployment files.", DefaultValueFactory = _ => "deploy" };

    public static Command Create()
    {
        var write = new Command("write", "Write what follows from the catalogue: the services in compose.yaml, the resources in kubernetes/targets, Prometheus' targets.") { Folder };
        write.SetAction(result =>
        {
            var folder = Path.GetFullPath(result.GetValue(Folder)!);
            var changed = DeploymentFiles.Write(folder, DeploymentTarget.All(new ConfigurationBuilder().Build()));
            Console.WriteLine(changed.Count == 0 ? $"Everything in {folder} is up to date." : $"Written in {folder}: {string.Join(", ", changed)}.");
            return 0;
        });
        return new Command("deployment", "Files for Docker Compose and Kubernetes.") { write };
    }
}
