using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Mneme.Cli;
using Mneme.Scheduling.Fsrs;
using Mneme.Scheduling.Fsrs.Fitting;
using Mneme.Scheduling.Fsrs.Simulation;

namespace Mneme.UnitTests.Host;

public sealed class StudyFitTests : IDisposable
{
    private const string Header = "card_id,review_time_ms,rating,delta_t_days,duration_ms";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mneme-fit-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_gzipped_file_is_fitted_and_judged_on_reviews_held_out()
    {
        // Somebody who remembers three times as long as the average: there is something to find.
        var weights = FsrsWeights.Create([.. FsrsWeights.Default.Values.ToArray().Select((w, i) => i < 4 ? w * 3 : w)]);
        var reviews = new SimulatedLearner { Weights = weights, Cards = 400, Seed = 5, Retention = 0.8 }.Reviews();
        var times = reviews.ConvertAll(review => review.TimeMilliseconds);
        times.Sort();
        var split = times[times.Count * 4 / 5];
        var fitted = StudyFit.Run(Write("train.csv.gz", reviews.Where(r => r.TimeMilliseconds < split)), Write("later.csv", reviews.Where(r => r.TimeMilliseconds >= split)), CancellationToken.None);

        fitted.Train.Fitted.LogLoss.ShouldBeLessThan(fitted.Train.Default.LogLoss);
        // A card's later reviews are predicted from its earlier ones, which the other file has.
        var isLater = reviews.Count(r => r.TimeMilliseconds >= split && r.ElapsedDays > 0);
        fitted.Holdout!.Default.Reviews.ShouldBe(isLater);
        var later = ReviewLog.Create([.. reviews.Where(r => r.TimeMilliseconds < split)], 400).Continue([.. reviews.Where(r => r.TimeMilliseconds >= split)], 400);
        fitted.Holdout.Default.LogLoss.ShouldBe(Accuracy.Of(new FsrsModel(FsrsWeights.Default), later).LogLoss, 1e-12);

        using var json = new MemoryStream();
        StudyFit.WriteJson(fitted, json);
        var written = JsonDocument.Parse(json.ToArray()).RootElement;
        written.GetProperty("weights").GetArrayLength().ShouldBe(21);
        written.GetProperty("train").GetProperty("fitted").GetProperty("auc").GetDouble().ShouldBe(fitted.Train.Fitted.Auc);
        written.GetProperty("holdout").GetProperty("default").GetProperty("rmseBins").GetDouble().ShouldBe(fitted.Holdout.Default.RmseBins);
        written.GetProperty("seconds").GetDouble().ShouldBe(fitted.Seconds);
        var text = new StringWriter();
        StudyFit.Write(fitted, text);
        text.ToString().ShouldContain("held out, fitted");
    }

    [Fact]
    public void Reviews_in_both_files_count_in_the_first_alone()
    {
        var reviews = new SimulatedLearner { Cards = 50 }.Reviews();
        var all = Write("all.csv", reviews);
        StudyFit.Run(all, all, CancellationToken.None).Holdout!.Default.Reviews.ShouldBe(0);
    }

    [Fact]
    public void Columns_can_be_named_in_another_order_and_left_unnamed()
    {
        var expected = new[] { new LoggedReview(0, 5, Rating.Good, 0), new LoggedReview(1, 6, Rating.Again, 0), new LoggedReview(0, 7, Rating.Easy, 2) };
        Read("\uFEFF" + Header + "\r\na,5,3,-1,900\r\nb,6,1,0,\r\n\r\na,7,4,2.0,1\r\n").ShouldBe(expected);
        Read("a,5,3,0,1\nb,6,1,0,1\na,7,4,2,1").ShouldBe(expected);
        Read("rating,user,delta_t_days,card_id,review_time_ms\n3,x,0,a,5\n1,x,0,b,6\n4,x,2,a,7\n").ShouldBe(expected);
    }

    [Theory]
    [InlineData("1,2,3", "line 2: it has 3 columns")]
    [InlineData("1,x,3,0,1", "line 2: the review_time_ms is 'x'; it must be a whole number")]
    [InlineData("1,1,5,0,1", "line 2: the rating is 5; it must be 1 to 4")]
    [InlineData("1,1,3,-2,1", "line 2: the delta_t_days is -2")]
    [InlineData("1,1,3,1.5,1", "line 2: the delta_t_days is '1.5'")]
    [InlineData(",1,3,0,1", "line 2: the card_id is empty")]
    public void A_wrong_line_is_named(string line, string says) => Should.Throw<OperatorException>(() => Read(Header + "\n" + line + "\n")).Message.ShouldContain(says);

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        Should.Throw<OperatorException>(() => StudyFit.Run("/nowhere/reviews.csv", null, CancellationToken.None)).Message.ShouldContain("/nowhere/reviews.csv cannot be read");
        File.WriteAllText(Path.Combine(_folder.FullName, "plain.csv.gz"), Header);
        Should.Throw<OperatorException>(() => StudyFit.Run(Path.Combine(_folder.FullName, "plain.csv.gz"), null, CancellationToken.None)).Message.ShouldContain("plain.csv.gz cannot be read");
        Should.Throw<OperatorException>(() => Read("card_id,rating,delta_t_days\n")).Message.ShouldContain("not review_time_ms");
        Should.Throw<OperatorException>(() => Read(Header + "\n" + new string('1', 70_000))).Message.ShouldContain("longer than");
    }

    private static List<LoggedReview> Read(string text) => new ReviewFile().Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "reviews.csv");

    private string Write(string name, IEnumerable<LoggedReview> reviews)
    {
        var path = Path.Combine(_folder.FullName, name);
        using var file = File.Create(path);
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
        using var writer = new StreamWriter(stream);
        writer.WriteLine(Header);
        foreach (var review in reviews)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"card {review.Card},{review.TimeMilliseconds},{(int)review.Rating},{review.ElapsedDays},4000"));
        return path;
    }
}
