using System.CommandLine;
using Mneme.Bench;

var root = new RootCommand("Benchmarks of Mneme. Each prints a ratio against a bare baseline that was measured in the same run.")
{
    ReviewBench.Create(),
    LeaderboardBench.Create(),
    LoginBench.Create(),
    BaselineServer.Create(),
};
return await root.Parse(args).InvokeAsync();
