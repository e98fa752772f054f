using System.Diagnostics;
using System.Net;
using Mneme.Cli;
using Mneme.Platform.Hosting;

namespace Mneme.Split;

/// <summary>One process of a split installation: started, waited for, and started again when it ends by itself.</summary>
internal sealed partial class SupervisedProcess(PlannedProcess plan, IReadOnlyList<string> command, IReadOnlyDictionary<string, string?> environment, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<string> _lastLines = new();
    private ProcessGroup? _group;
    private Task _supervising = Task.CompletedTask;
    private volatile bool _wasReady;

    public string Target => plan.Target;

    public string Name => plan.Name;

    public Uri Address { get; } = new($"http://127.0.0.1:{plan.Port}");

    /// <summary>Id of the process group that runs now.</summary>
    public int ProcessId => _group!.Id;

    public void Start()
    {
        _group = Launch();
        _supervising = Task.Run(SuperviseAsync);
    }

    /// <summary>Returns when it is ready for requests.</summary>
    /// <exception cref="OperatorException">It ended before, or is not ready after a minute and a half.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken ct)
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var startedAt = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(client, ct))
        {
            if (_supervising.IsFaulted)
                await _supervising;
            if (Stopwatch.GetElapsedTime(startedAt) > StartLimit)
                throw new OperatorException($"{Name} is not ready after {StartLimit.TotalSeconds:0} s. Its last lines:\n{LastLines()}");
            await timer.WaitForNextTickAsync(ct);
        }

        _wasReady = true;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken ct)
    {
        try
        {
            using var response = await client.GetAsync("/health/ready", ct);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task SuperviseAsync()
    {
        for (var failures = 1; ; failures++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            await _group!.WaitForExitAsync(CancellationToken.None);
            if (_stopping.IsCancellationRequested)
                return;
            if (!_wasReady)
                throw new OperatorException($"{Name} ended with status {_group.ExitCode} before it was ready. Its last lines:\n{LastLines()}");
            if (Stopwatch.GetElapsedTime(startedAt) > LongestPause)
                failures = 1;
            var pause = ShortestPause * Math.Pow(2, Math.Min(failures, 6) - 1);
            LogEnded(Name, _group.ExitCode);
            _group.Dispose();
            await Task.Delay(pause < LongestPause ? pause : LongestPause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested)
                return;
            _group = Launch();
            LogStarted(Name, _group.Id);
        }
    }

    private ProcessGroup Launch() => ProcessGroup.Start(command, environment.Concat(plan.Settings), line =>
    {
        Console.WriteLine(line);
        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 20)
                _lastLines.Dequeue();
        }
    });

    private string LastLines()
    {
        lock (_lastLines)
            return string.Join('\n', _lastLines);
    }

    /// <summary>Lets it finish what it is doing and end.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        if (_group is { HasExited: false } group)
            await group.StopAsync(StopLimit);
        await _supervising.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _group?.Dispose();
        _stopping.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The process of {Name} ended with status {Status} and is started again")]
    private partial void LogEnded(string name, int status);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} runs again (process group {Group})")]
    private partial void LogStarted(string name, int group);
}
