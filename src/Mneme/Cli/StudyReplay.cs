using System.Text.Json;
using Mneme.Scheduling;
using Mneme.Scheduling.Fsrs;

namespace Mneme.Cli;

/// <summary>Algorithms that <c>mneme study replay</c> knows.</summary>
internal enum StudyAlgorithm
{
    Fsrs6,
    Sm2,
}

/// <summary>Replays histories of reviews, one JSON object a line, and writes one for each. Intervals are without fuzz, settings those of every port unless a line names others.</summary>
internal static class StudyReplay
{
    /// <summary>Longer than any history: the rest of such a line is not read.</summary>
    private const int LongestLine = 16 << 20;

    private static readonly byte[] NewLine = [(byte)'\n'];

    /// <exception cref="OperatorException">A line is wrong; what came before it has been written.</exception>
    public static async Task RunAsync(StudyAlgorithm algorithm, TextReader input, Stream output, CancellationToken ct)
    {
        await using var writer = new Utf8JsonWriter(output);
        for (var number = 1L; await input.ReadLineAsync(ct) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                ReplayLine(algorithm, line, writer);
            }
            catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
            {
                await output.FlushAsync(ct);
                throw new OperatorException($"line {number}: {e.Message}");
            }

            await writer.FlushAsync(ct);
            output.Write(NewLine);
            writer.Reset(output);
        }

        await output.FlushAsync(ct);
    }

    private static void ReplayLine(StudyAlgorithm algorithm, string line, Utf8JsonWriter writer)
    {
        if (line.Length > LongestLine)
            throw new FormatException($"it is longer than {LongestLine} characters.");
        using var document = JsonDocument.Parse(line);
        var history = document.RootElement;
        if (history.ValueKind != JsonValueKind.Object)
            throw new FormatException("a history is a JSON object, such as {\"id\":1,\"g\":[3,3],\"d\":[0,2]}.");
        if (!history.TryGetProperty("id", out var id))
            throw new FormatException("it has no \"id\".");
        if (algorithm == StudyAlgorithm.Sm2)
            ReplaySm2(id, Integers(history, "q", Sm2.MinQuality, Sm2.MaxQuality), writer);
        else
            ReplayFsrs(id, history, writer);
    }

    private static void ReplaySm2(JsonElement id, List<int> qualities, Utf8JsonWriter writer)
    {
        var states = new Sm2State[qualities.Count];
        var state = Sm2State.New;
        for (var i = 0; i < states.Length; i++)
            states[i] = state = Sm2.Review(state, qualities[i]);
        writer.WriteStartObject();
        WriteId(id, writer);
        writer.WriteStartArray("I");
        foreach (var reviewed in states)
            writer.WriteNumberValue(reviewed.IntervalDays);
        writer.WriteEndArray();
        writer.WriteStartArray("ef");
        foreach (var reviewed in states)
            writer.WriteNumberValue(reviewed.EaseFactor);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void ReplayFsrs(JsonElement id, JsonElement history, Utf8JsonWriter writer)
    {
        var ratings = Integers(history, "g", (int)Rating.Again, (int)Rating.Easy);
        var days = Integers(history, "d", 0, int.MaxValue);
        if (ratings.Count != days.Count)
            throw new FormatException($"\"g\" has {ratings.Count} ratings and \"d\" {days.Count} days; each rating has the whole days since the review before, the first 0.");
        var scheduler = Scheduler(history);
        writer.WriteStartObject();
        WriteId(id, writer);
        writer.WriteStartArray("e");
        var card = FsrsCard.New;
        for (var i = 0; i < ratings.Count; i++)
        {
            var offer = scheduler.Review(card, (Rating)ratings[i], days[i]);
            card = offer.Card;
            writer.WriteStartArray();
            writer.WriteNumberValue(card.Memory.Stability);
            writer.WriteNumberValue(card.Memory.Difficulty);
            writer.WriteNumberValue(offer.ScheduledDays);
            writer.WriteNumberValue((int)card.State);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static FsrsScheduler Scheduler(JsonElement history)
    {
        var weights = FsrsWeights.Default;
        if (Optional(history, "w") is { } w)
        {
            if (w.ValueKind != JsonValueKind.Array)
                throw new FormatException("\"w\" must be an array of 21 numbers.");
            weights = FsrsWeights.Create([.. w.EnumerateArray().Select(value => Number(value, "w"))]);
        }

        var settings = new FsrsSettings();
        if (Optional(history, "rr") is { } retention)
            settings = settings with { DesiredRetention = Number(retention, "rr") };
        if (Optional(history, "st") is { } shortTerm)
        {
            settings = settings with
            {
                ShortTerm = shortTerm.ValueKind is JsonValueKind.True or JsonValueKind.False ? shortTerm.GetBoolean() : throw new FormatException("\"st\" must be true or false."),
            };
        }

        return new FsrsScheduler(weights, settings);
    }

    private static JsonElement? Optional(JsonElement history, string name) =>
        history.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static double Number(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? number : throw new FormatException($"\"{name}\" must hold numbers, and {value} is none.");

    private static List<int> Integers(JsonElement history, string name, int least, int most)
    {
        if (!history.TryGetProperty(name, out var array) || array.ValueKind != JsonValueKind.Array)
            throw new FormatException($"it has no array \"{name}\".");
        var result = new List<int>(array.GetArrayLength());
        foreach (var value in array.EnumerateArray())
        {
            var number = Number(value, name);
            if (number != Math.Floor(number) || number < least || number > most)
                throw new FormatException($"\"{name}\"[{result.Count}] is {value}; it must be a whole number from {least} to {most}.");
            result.Add((int)number);
        }

        return result;
    }

    private static void WriteId(JsonElement id, Utf8JsonWriter writer)
    {
        writer.WritePropertyName("id");
        id.WriteTo(writer);
    }
}
