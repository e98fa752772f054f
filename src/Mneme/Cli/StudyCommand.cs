using System.CommandLine;

namespace Mneme.Cli;

/// <summary><c>mneme study</c>: the scheduling algorithms at the command line, without database and configuration.</summary>
internal static class StudyCommand
{
    private static readonly Option<StudyAlgorithm> Algorithm = new("--algorithm") { Description = "Whose histories these are.", DefaultValueFactory = _ => StudyAlgorithm.Fsrs6 };

    public static Command Create() => new("study", "Run the scheduling algorithms over histories of reviews; needs no database.") { Replay() };

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
}
