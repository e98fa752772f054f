using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Mneme.Scheduling;
using Mneme.Scheduling.Fsrs;
using Mneme.Scheduling.Fsrs.Fitting;
using Mneme.Scheduling.Fsrs.Simulation;

namespace Mneme.Bench.Scheduling;

/// <summary><c>./mneme bench scheduler</c>: state updates and scheduling decisions a second, against ts-fsrs over the same histories in the same run.</summary>
internal static class SchedulerBench
{
    private const double AimUpdates = 8e6;
    private const double AimBatch = 20e6;
    private const double AimDecisions = 5e6;

    private static readonly Option<double> Seconds = new("--seconds") { Description = "Measured time of each side.", DefaultValueFactory = _ => 3 };

    public static Command Create()
    {
        var command = new Command("scheduler", "FSRS and SM-2: state updates and decisions a second, one by one and in batches, against ts-fsrs.") { Seconds };
        command.SetAction((result, ct) => RunAsync(TimeSpan.FromSeconds(result.GetValue(Seconds)), ct));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan time, CancellationToken ct)
    {
        await using var node = await NodeProject.InstallAsync(ct);
        var reviews = new SimulatedLearner { Cards = 20_000, Days = 730, Seed = 2 }.Reviews();
        var log = ReviewLog.Create([.. reviews], 20_000);
        var byCard = reviews.GroupBy(review => review.Card).Select(card => (Ratings: card.Select(r => r.Rating).ToArray(), Days: card.Select(r => r.ElapsedDays).ToArray())).ToArray();
        Console.WriteLine($"{reviews.Count:N0} reviews of {byCard.Length:N0} cards.");
        var json = JsonSerializer.Serialize(byCard.Select(card => new[] { card.Ratings.Select(r => (int)r).ToArray(), card.Days }));

        var (model, scheduler) = (new FsrsModel(FsrsWeights.Default), new FsrsScheduler(FsrsWeights.Default, new FsrsSettings()));
        var (batch, states) = (new BatchReplay(model), new MemoryState[byCard.Length]);
        var updates = Rate(reviews.Count, time, () => Update(model, byCard), out var allocatedByUpdates);
        var decisions = Rate(reviews.Count, time, () => Decide(scheduler, byCard), out var allocatedByDecisions);
        var batched = Rate(reviews.Count, time, () => batch.Run(log.Histories, states, cores: 1, ct), out _);
        var batchedByAll = Rate(reviews.Count, time, () => batch.Run(log.Histories, states, Environment.ProcessorCount, ct), out _);
        var sm2 = Rate(reviews.Count, time, () => UpdateSm2(byCard), out var allocatedBySm2);
        var theirs = await node.RunAsync("scheduler.mjs", json, ct, time.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        var (nextState, next) = (theirs.GetProperty("nextState").GetDouble(), theirs.GetProperty("next").GetDouble());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            million a second                     mneme   ts-fsrs   ratio
            FSRS state updates, one by one   {updates / 1e6,9:0.00} {nextState / 1e6,9:0.00} {updates / nextState,7:0.0}   (aim 8)
            FSRS state updates, batch        {batched / 1e6,9:0.00} {nextState / 1e6,9:0.00} {batched / nextState,7:0.0}   (aim 20)
            the same on {Environment.ProcessorCount} cores              {batchedByAll / 1e6,9:0.00} {nextState / 1e6,9:0.00} {batchedByAll / nextState,7:0.0}
            FSRS decisions, four with fuzz   {decisions / 1e6,9:0.00} {next / 1e6,9:0.00} {decisions / next,7:0.0}   (aim 5)
            SM-2 updates                     {sm2 / 1e6,9:0.00}
            allocated                        {allocatedByUpdates + allocatedByDecisions + allocatedBySm2} bytes by updates and decisions (aim 0)
            """));
        return updates >= AimUpdates && batched >= AimBatch && decisions >= AimDecisions && allocatedByUpdates + allocatedByDecisions + allocatedBySm2 == 0 ? 0 : 1;
    }

    private static double Rate(int reviews, TimeSpan time, Action replay, out long allocated)
    {
        // Until the code is compiled for good.
        var warm = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(warm) < time / 2)
            replay();
        var (runs, before, start) = (0L, GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        for (; Stopwatch.GetElapsedTime(start) < time; runs++)
            replay();
        var rate = runs * reviews / Stopwatch.GetElapsedTime(start).TotalSeconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return rate;
    }

    private static void Update(FsrsModel model, (Rating[] Ratings, int[] Days)[] cards)
    {
        foreach (var (ratings, days) in cards)
        {
            var memory = model.First(ratings[0]);
            for (var i = 1; i < ratings.Length; i++)
                memory = model.Next(memory, days[i], ratings[i]);
        }
    }

    private static void Decide(FsrsScheduler scheduler, (Rating[] Ratings, int[] Days)[] cards)
    {
        var seed = 0UL;
        foreach (var (ratings, days) in cards)
        {
            var card = FsrsCard.New;
            for (var i = 0; i < ratings.Length; i++)
                card = scheduler.Offer(card, days[i], seed++)[ratings[i]].Card;
        }
    }

    private static void UpdateSm2((Rating[] Ratings, int[] Days)[] cards)
    {
        foreach (var (ratings, _) in cards)
        {
            var state = Sm2State.New;
            foreach (var rating in ratings)
                state = Sm2.Review(state, (int)rating + 1);
        }
    }
}
