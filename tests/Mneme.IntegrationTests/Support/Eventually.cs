using System.Diagnostics;

namespace Mneme.IntegrationTests.Support;

/// <summary>Waits for a condition that another part of the program brings about.</summary>
public static class Eventually
{
    // Not a measure of speed, which a loaded machine would miss: only what hangs takes so long.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<Task<bool>> condition, string because)
    {
        var start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            (Stopwatch.GetElapsedTime(start) < Limit).ShouldBeTrue($"Waited {Limit.TotalSeconds} s in vain: {because}");
            await timer.WaitForNextTickAsync();
        }
    }

    public static async Task<T> NotNullAsync<T>(Func<Task<T?>> read, string because)
        where T : class
    {
        T? value = null;
        await TrueAsync(async () => (value = await read()) is not null, because);
        return value!;
    }
}
