using System.Text.Json;
using Mneme.Scheduling.Fsrs;

namespace Mneme.UnitTests.Scheduling.Fsrs;

/// <summary>The values that the tests of py-fsrs, ts-fsrs and fsrs-rs expect (fsrs_vectors.json names each source).</summary>
internal static class Vectors
{
    private static readonly Lazy<JsonElement> All = new(() =>
        JsonDocument.Parse(File.ReadAllText(Repository.File("tests/Mneme.UnitTests/Scheduling/Fsrs/fsrs_vectors.json"))).RootElement.Clone());

    public static JsonElement Meta => All.Value.GetProperty("meta");

    public static JsonElement Get(string id) => All.Value.GetProperty("vectors").EnumerateArray().Single(vector => vector.GetProperty("id").GetString() == id);

    public static double[] Numbers(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    public static int[] Integers(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];

    public static Rating[] Ratings(this JsonElement element, string name) => [.. element.Integers(name).Select(value => (Rating)value)];

    public static double Number(this JsonElement element, string name) => element.GetProperty(name).GetDouble();

    /// <summary>The state after a history.</summary>
    public static MemoryState Replay(this FsrsModel model, IEnumerable<Rating> ratings, IEnumerable<int> days) =>
        ratings.Zip(days).Aggregate((MemoryState?)null, (memory, review) => memory is { } known ? model.Next(known, review.Second, review.First) : model.First(review.First))!.Value;

    public static void ShouldBeWithin(this IEnumerable<double> actual, IEnumerable<double> expected, double relative)
    {
        var (left, right) = (actual.ToList(), expected.ToList());
        left.Count.ShouldBe(right.Count);
        for (var i = 0; i < left.Count; i++)
            left[i].ShouldBe(right[i], Math.Max(Math.Abs(right[i]), 1e-3) * relative, $"at {i}");
    }
}
