using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Mneme.Scheduling.Fsrs;
using Mneme.Scheduling.Fsrs.Fitting;
using Mneme.Scheduling.Fsrs.Simulation;

namespace Mneme.Bench.Scheduling;

/// <summary>
/// <c>./mneme bench optimizer</c>: <c>mneme study fit</c> against fsrs-rs (through its binding for Node) on the same files: time, memory, and how well the weights predict reviews
/// held out, which are the last fifth by time.
/// </summary>
internal static class OptimizerBench
{
    private const int LongLog = 400_000;

    private static readonly Option<int[]> Sizes = new("--cards") { Description = "Cards of the simulated learners.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [7_500, 75_000] };

    private static readonly Option<int> Turns = new("--turns") { Description = "Turns in which each side is measured; the best counts.", DefaultValueFactory = _ => 3 };

    public static Command Create()
    {
        var command = new Command("optimizer", "Fitting the weights of FSRS to a learner's reviews, against fsrs-rs.") { Sizes, Turns };
        command.SetAction((result, ct) => RunAsync(result.GetValue(Sizes)!, result.GetValue(Turns), ct));
        return command;
    }

    private static async Task<int> RunAsync(int[] sizes, int turns, CancellationToken ct)
    {
        await using var node = await NodeProject.InstallAsync(ct);
        var isFine = true;
        foreach (var cards in sizes)
            isFine &= await CompareAsync(node, cards, turns, ct);
        return isFine ? 0 : 1;
    }

    private static async Task<bool> CompareAsync(NodeProject node, int cards, int turns, CancellationToken ct)
    {
        // Unlike the average learner, so that there is something to find.
        var weights = FsrsWeights.Default.Values.ToArray();
        for (var i = 0; i < weights.Length; i++)
            weights[i] *= i % 2 == 0 ? 1.25 : 0.8;
        var reviews = new SimulatedLearner { Weights = FsrsWeights.Create(weights), Cards = cards, Days = 730, Seed = cards }.Reviews();
        reviews.Sort((a, b) => a.TimeMilliseconds.CompareTo(b.TimeMilliseconds));
        var split = reviews.Count * 4 / 5;
        var (train, later, theirs) = (Path.Combine(node.Folder, "train.csv"), Path.Combine(node.Folder, "later.csv"), Path.Combine(node.Folder, "binding.csv"));
        await WriteAsync(train, "card_id,review_time_ms,rating,delta_t_days,duration_ms", reviews.Take(split), r => $"{r.Card},{r.TimeMilliseconds},{(int)r.Rating},{r.ElapsedDays},4000", ct);
        await WriteAsync(later, "card_id,review_time_ms,rating,delta_t_days,duration_ms", reviews.Skip(split), r => $"{r.Card},{r.TimeMilliseconds},{(int)r.Rating},{r.ElapsedDays},4000", ct);
        // The binding asks for the state before the review, and takes any but 2 (review) after the first one for a card that was reset.
        var seen = new HashSet<int>();
        await WriteAsync(theirs, "card_id,review_time,review_rating,review_state,review_duration", reviews.Take(split),
            r => $"{r.Card},{r.TimeMilliseconds},{(int)r.Rating},{(seen.Add(r.Card) ? 0 : 2)},4000", ct);

        var (ourSeconds, ourMemory, theirSeconds, theirMemory) = (double.MaxValue, 0.0, double.MaxValue, 0.0);
        JsonElement ours = default, other = default;
        for (var turn = 0; turn < turns; turn++)
        {
            (ours, var memory) = await FitAsync(train, later, ct);
            (ourSeconds, ourMemory) = (Math.Min(ourSeconds, ours.GetProperty("seconds").GetDouble()), Math.Max(ourMemory, memory));
            other = await node.RunAsync("optimizer.mjs", "", ct, theirs);
            (theirSeconds, theirMemory) = (Math.Min(theirSeconds, other.GetProperty("seconds").GetDouble()), Math.Max(theirMemory, other.GetProperty("memory").GetDouble()));
        }

        var log = ReviewLog.SplitByTime([.. reviews], cards, 0.8).Later;
        double LogLoss(IEnumerable<double> w) => Accuracy.Of(new FsrsModel(FsrsWeights.Create([.. w])), log).LogLoss;
        var our = LogLoss(ours.GetProperty("weights").EnumerateArray().Select(w => w.GetDouble()));
        var their = LogLoss(other.GetProperty("weights").EnumerateArray().Select(w => w.GetDouble()));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {split:N0} reviews of {cards:N0} cards to fit to ({other.GetProperty("items").GetInt32():N0} items there), {reviews.Count - split:N0} held out
                          seconds   peak MiB   log loss held out
            mneme      {ourSeconds,10:0.000} {ourMemory,10:0} {our,12:0.00000}
            fsrs-rs    {theirSeconds,10:0.000} {theirMemory,10:0} {their,12:0.00000}
            ratio      {ourSeconds / theirSeconds,10:0.00} {ourMemory / theirMemory,10:0.00} {our - their,12:+0.00000;-0.00000}   (aims 0.5, 0.2, at most 0)
            (defaults {LogLoss(FsrsWeights.Default.Values.ToArray()):0.00000}, the learner's own weights {LogLoss(weights):0.00000})

            """));
        // Each runtime takes its tens of MiB before the first review, so that memory is compared where reviews take more.
        return ourSeconds <= theirSeconds / 2 && our <= their && (split < LongLog || ourMemory <= theirMemory / 5);
    }

    /// <summary>Memory is the peak of the whole process, sampled as it runs.</summary>
    private static async Task<(JsonElement Result, double PeakMiB)> FitAsync(string train, string later, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(Subject.Program, ["study", "fit", train, "--holdout", later, "--json"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var peak = 0.0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!process.HasExited && await timer.WaitForNextTickAsync(ct))
            peak = Math.Max(peak, Memory.Peak(process.Id));
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0
            ? (JsonDocument.Parse(await output).RootElement, peak)
            : throw new InvalidOperationException($"mneme study fit ended with {process.ExitCode}: the reason is above.");
    }

    private static async Task WriteAsync(string path, string header, IEnumerable<LoggedReview> reviews, Func<LoggedReview, string> line, CancellationToken ct) =>
        await File.WriteAllLinesAsync(path, reviews.Select(line).Prepend(header), ct);
}
