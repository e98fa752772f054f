using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Persistence.Cluster;

namespace Mneme.IntegrationTests.Cluster;

/// <summary>
/// Another program that owns a cluster, to be killed: this very executable, started again with a variable that makes it hold a cluster
/// instead of running tests.
/// </summary>
internal sealed class ClusterHost : IDisposable
{
    private const string Variable = "MNEME_TEST_CLUSTER_HOST";

    private readonly Process _process;

    private ClusterHost(Process process) => _process = process;

    public int ProcessId => _process.Id;

    public static ClusterHost Launch(ClusterWorkshop workshop, string? binariesFolder = null)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(ClusterHost).Assembly.Location, null))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { [Variable] = $"{workshop.DataFolder}|{workshop.OutsideFolder}|{workshop.Options.RuntimeFolder}|{binariesFolder ?? workshop.Options.BinariesFolder}" },
        };
        return new ClusterHost(Process.Start(start)!);
    }

    /// <summary>Waits until its server runs.</summary>
    public async Task ReadyAsync() => (await _process.StandardOutput.ReadLineAsync(ClusterWorkshop.Ct)).ShouldBe("ready");

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

#pragma warning disable CA2255 // an executable, and the only way to be another program without a project of its own
    [ModuleInitializer]
    public static void BecomeHost()
#pragma warning restore CA2255
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } folders) return;
        var parts = folders.Split('|');
        var cluster = PrivateCluster.StartAsync(
            new() { DataFolder = parts[0], OutsideFolder = parts[1], RuntimeFolder = parts[2], BinariesFolder = parts[3] }, NullLogger.Instance, TimeProvider.System, CancellationToken.None).GetAwaiter().GetResult();
        Console.WriteLine("ready");
        Thread.Sleep(Timeout.Infinite);
        GC.KeepAlive(cluster);
    }
}
