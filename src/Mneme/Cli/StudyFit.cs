using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mneme.Scheduling.Fsrs;
using Mneme.Scheduling.Fsrs.Fitting;

namespace Mneme.Cli;

/// <summary>Fits weights to a file of reviews, and judges them on it and on reviews held out.</summary>
internal static class StudyFit
{
    /// <param name="path">Reviews to fit to.</param>
    /// <param name="holdout">Later reviews to judge by, of the same cards or of others.</param>
    /// <exception cref="OperatorException">A file cannot be read, or a line of it is wrong.</exception>
    public static Fitted Run(string path, string? holdout, CancellationToken ct)
    {
        var file = new ReviewFile();
        var log = ReviewLog.Create(CollectionsMarshal.AsSpan(file.Read(path)), file.Cards);
        // What reading left behind is several times what is kept, and nothing would ask for it back before the end.
        GC.Collect();
        var start = Stopwatch.GetTimestamp();
        var fit = FsrsOptimizer.Fit(log, new FitSettings(), ct: ct);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var train = Judge(fit.Weights, log);
        if (holdout is null)
            return new Fitted(fit, train, Holdout: null, seconds);
        GC.Collect();
        log = log.Continue(CollectionsMarshal.AsSpan(file.Read(holdout)), file.Cards);
        return new Fitted(fit, train, Judge(fit.Weights, log), seconds);
    }

    public static void Write(Fitted fitted, TextWriter output)
    {
        output.WriteLine(fitted.Fit.Extent switch
        {
            FitExtent.Defaults => $"Only {fitted.Fit.Items} reviews to fit to: these are the defaults. A fit needs at least 8.",
            FitExtent.FirstStabilities => $"Only {fitted.Fit.Items} reviews to fit to: only w0 to w3 are fitted. The others need at least 64.",
            _ => $"Fitted to {fitted.Fit.Items} reviews.",
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Time       {fitted.Seconds:0.000} s"));
        output.WriteLine($"Weights    {string.Join(", ", fitted.Fit.Weights.Values.ToArray().Select(w => w.ToString("0.####", CultureInfo.InvariantCulture)))}");
        output.WriteLine();
        output.WriteLine("                     reviews   log loss   RMSE(bins)   AUC");
        foreach (var (name, judged) in new[] { ("training", fitted.Train), ("held out", fitted.Holdout) })
        {
            if (judged is null)
                continue;
            output.WriteLine(Line($"{name}, default", judged.Default));
            output.WriteLine(Line($"{name}, fitted", judged.Fitted));
        }
    }

    /// <summary><c>{weights, train: {default: {logLoss, rmseBins, auc}, fitted}, holdout: {default, fitted}, seconds}</c>; what cannot be said is null.</summary>
    public static void WriteJson(Fitted fitted, Stream output)
    {
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("weights");
            foreach (var w in fitted.Fit.Weights.Values)
                writer.WriteNumberValue(w);
            writer.WriteEndArray();
            WriteJson(writer, "train", fitted.Train);
            if (fitted.Holdout is { } holdout)
                WriteJson(writer, "holdout", holdout);
            writer.WriteNumber("seconds", fitted.Seconds);
            writer.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static Judged Judge(FsrsWeights weights, ReviewLog log) => new(Accuracy.Of(new FsrsModel(FsrsWeights.Default), log), Accuracy.Of(new FsrsModel(weights), log));

    private static string Line(string name, Accuracy accuracy) => string.Create(
        CultureInfo.InvariantCulture, $"{name,-18} {accuracy.Reviews,9} {accuracy.LogLoss,10:0.0000} {accuracy.RmseBins,12:0.0000} {accuracy.Auc,5:0.0000}");

    private static void WriteJson(Utf8JsonWriter writer, string name, Judged judged)
    {
        writer.WriteStartObject(name);
        WriteJson(writer, "default", judged.Default);
        WriteJson(writer, "fitted", judged.Fitted);
        writer.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter writer, string name, Accuracy accuracy)
    {
        writer.WriteStartObject(name);
        foreach (var (field, value) in new[] { ("logLoss", accuracy.LogLoss), ("rmseBins", accuracy.RmseBins), ("auc", accuracy.Auc) })
        {
            if (double.IsFinite(value))
                writer.WriteNumber(field, value);
            else
                writer.WriteNull(field);
        }

        writer.WriteEndObject();
    }

    /// <summary>The weights, how well they and the defaults predict, and the time that fitting took.</summary>
    internal sealed record Fitted(FitResult Fit, Judged Train, Judged? Holdout, double Seconds);

    internal sealed record Judged(Accuracy Default, Accuracy Fitted);
}
