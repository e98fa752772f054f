using System.CommandLine;

namespace Mneme.Cli;

/// <summary><c>mneme study</c>: the scheduling algorithms at the command line, without database and configuration.</summary>
internal static class StudyCommand
{
    private static readonly Option<StudyAlgorithm> Algorithm = new("--algorithm") { Description = "Whose histories these are.", DefaultValueFactory = _ => StudyAlgorithm.Fsrs6 };

    private static readonly Argument<string> Reviews = new("reviews") { Description = "CSV, plain or gzipped (.gz): card_id, review_time_ms, rating, delta_t_days, duration_ms." };

    private static readonly Option<string?> Holdout = new("--holdout") { Description = "Later reviews in the same format, to judge the weights by." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create() => new("study", "Run the scheduling algorithms over histories of reviews; needs no database.") { Replay(), Fit() };

    private static Command Replay()
    {
        var command = new Command("replay", "Read histories as JSON lines from standard input, and write what the algorithm makes of each (docs/study-algorithms.md).") { Algorithm };
        command.SetAction(async (result, ct) =>
        {
            using var input = new StreamReader(Console.OpenStandardInput());
            await using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            await StudyReplay.RunAsync(result.GetValue(Algorithm), input, output, ct);
            return 0;
        });
        return command;
    }

    private static Command Fit()
    {
        var command = new Command("fit", "Fit the weights of FSRS-6 to reviews, and say how well they predict (docs/study-algorithms.md).") { Reviews, Holdout, Json };
        command.SetAction((result, ct) =>
        {
            var fitted = StudyFit.Run(result.GetValue(Reviews)!, result.GetValue(Holdout), ct);
            if (result.GetValue(Json))
            {
                using var output = Console.OpenStandardOutput();
                StudyFit.WriteJson(fitted, output);
            }
            else
            {
                StudyFit.Write(fitted, Console.Out);
            }

            return Task.FromResult(0);
        });
        return command;
    }
}
