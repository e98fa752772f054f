using System.Collections.Concurrent;
using System.Diagnostics;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Hosting;

namespace Mneme.IntegrationTests.Platform;

public sealed class ProcessGroupTests
{
    [Fact]
    public async Task It_prints_and_ends_as_its_program_does()
    {
        var lines = new ConcurrentQueue<string>();
        using var group = ProcessGroup.Start(["sh", "-c", "echo $GREETING; echo trouble >&2; exit 7"], [KeyValuePair.Create("GREETING", (string?)"hello")], lines.Enqueue);

        await group.WaitForExitAsync(CancellationToken.None);

        group.ExitCode.ShouldBe(7);
        lines.Order(StringComparer.Ordinal).ShouldBe(["hello", "trouble"]);
    }

    [Fact]
    public async Task Asked_to_stop_it_lets_its_program_finish()
    {
        var lines = new ConcurrentQueue<string>();
        using var group = ProcessGroup.Start(["sh", "-c", "trap 'echo finished; exit 3' TERM; echo started; while :; do sleep 0.05; done"], [], lines.Enqueue);
        await Eventually.TrueAsync(() => Task.FromResult(lines.Contains("started")), "it runs");

        await group.StopAsync(TimeSpan.FromSeconds(30));

        group.ExitCode.ShouldBe(3);
        lines.ShouldContain("finished");
    }

    [Fact]
    public async Task What_does_not_stop_is_ended_with_all_that_it_started()
    {
        var lines = new ConcurrentQueue<string>();
        using var group = ProcessGroup.Start(["sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait; wait"], [], lines.Enqueue);
        await Eventually.TrueAsync(() => Task.FromResult(!lines.IsEmpty), "it runs");

        await group.StopAsync(TimeSpan.FromMilliseconds(200));

        await Eventually.TrueAsync(() => Task.FromResult(!IsRunning(lines.First())), "its child is gone too");
    }

    [Fact]
    public async Task It_does_not_outlive_who_started_it_however_that_one_ends()
    {
        // The pipe is all that ties them together: closing it is what the kernel does for a process that is killed.
        var lines = new ConcurrentQueue<string>();
        var group = ProcessGroup.Start(["sh", "-c", "echo $$; exec sleep 1000"], [], lines.Enqueue);
        await Eventually.TrueAsync(() => Task.FromResult(!lines.IsEmpty), "it runs");

        group.LetGo();

        await Eventually.TrueAsync(() => Task.FromResult(!IsRunning(lines.First())), "it ends");
        group.Dispose();
    }

    private static bool IsRunning(string processId) => File.Exists($"/proc/{processId}/stat") && !File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
}
