using Microsoft.Extensions.Configuration;
using Mneme.Cli;
using Mneme.Deployment;

namespace Mneme.UnitTests.Host.Deployment;

public sealed class DeploymentFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-deployment-").FullName;

    public static TheoryData<string> Paths => [.. DeploymentFiles.Of(Catalogue).Select(file => file.Path)];

    internal static IReadOnlyList<DeploymentTarget> Catalogue { get; } = DeploymentTarget.All(new ConfigurationBuilder().Build());

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_file_that_follows_from_the_catalogue_is_as_it_would_be_written(string path)
    {
        var deploy = Repository.File("deploy");
        var file = DeploymentFiles.Of(Catalogue).Single(file => file.Path == path);

        File.Exists(Path.Combine(deploy, path)).ShouldBeTrue($"write deploy/{path} with: ./mneme deployment write");
        File.ReadAllText(Path.Combine(deploy, path)).ShouldBe(DeploymentFiles.WholeOf(deploy, file), "write it anew with: ./mneme deployment write");
    }

    [Fact]
    public void There_are_resources_of_targets_only() =>
        Directory.GetFiles(Repository.File("deploy/kubernetes/targets")).Select(Path.GetFileNameWithoutExtension)
            .ShouldBe(Targets.WithCertificate, ignoreOrder: true, "delete what is left of a target that there is no more");

    [Fact]
    public void Writing_keeps_what_is_written_by_hand_and_changes_nothing_twice()
    {
        Copy("compose.yaml");
        Copy("kubernetes/kustomization.yaml");
        var path = Path.Combine(_folder, "kubernetes/kustomization.yaml");
        File.WriteAllText(path, File.ReadAllText(path).Replace("  - targets/study.yaml\n", "", StringComparison.Ordinal)
            .Replace("  - name: mneme-ai\n    newName: mneme\n    newTag: 0.1.0\n", "", StringComparison.Ordinal).Replace("newTag: 0.1.0", "newTag: 7.7.7", StringComparison.Ordinal));

        DeploymentFiles.Write(_folder, Catalogue).ShouldContain("kubernetes/kustomization.yaml");

        var written = File.ReadAllText(path);
        written.ShouldContain("  - targets/study.yaml\n");
        written.ShouldContain("  - name: mneme-study\n    newName: mneme\n    newTag: 7.7.7\n", customMessage: "a version that was chosen stays");
        written.ShouldContain($"images:\n  - name: mneme-ai\n    newName: mneme\n    newTag: {ComposeServices.Version}\n", customMessage: "a target that is new gets this version");
        File.Exists(Path.Combine(_folder, "kubernetes/targets/gateway.yaml")).ShouldBeTrue();
        DeploymentFiles.Write(_folder, Catalogue).ShouldBeEmpty();
    }

    [Fact]
    public void A_folder_without_the_marks_is_left_alone_and_told_what_is_missing()
    {
        Should.Throw<OperatorException>(() => DeploymentFiles.Write(_folder, Catalogue)).Message.ShouldContain("Copy deploy/ of the source");
        File.WriteAllText(Path.Combine(_folder, "compose.yaml"), "services: {}\n");
        Should.Throw<OperatorException>(() => DeploymentFiles.Write(_folder, Catalogue)).Message.ShouldContain("has no lines '# --- written by `mneme deployment write` from here'");
        Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName).ShouldBe(["compose.yaml"]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Copy(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, path))!);
        File.Copy(Repository.File("deploy/" + path), Path.Combine(_folder, path));
    }
}
