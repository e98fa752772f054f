using System.CommandLine;
using Mneme.Bench;
using Mneme.Bench.Events;
using Mneme.Bench.Scheduling;

var root = new RootCommand("Benchmarks of Mneme. Each compares with something measured in the same run: a bare handler, counting, a calm server.")
{
    ReviewBench.Create(),
    LeaderboardBench.Create(),
    LoginBench.Create(),
    GatewayBench.Create(),
    EventsBench.Create(),
    SchedulerBench.Create(),
    OptimizerBench.Create(),
    LoginFlood.Create(),
    BaselineServer.Create(),
};
return await root.Parse(args).InvokeAsync();
