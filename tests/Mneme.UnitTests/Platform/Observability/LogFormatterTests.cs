using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Mneme.Platform.Observability;
using Mneme.Platform.Services;

namespace Mneme.UnitTests.Platform.Observability;

public sealed class LogFormatterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 14, 3, 22, 125, TimeSpan.Zero);

    [Fact]
    public void A_line_has_exactly_the_agreed_members_and_is_one_line()
    {
        var line = Json(LogLevel.Warning, "Card {CardId} of {Deck} has {Count} reviews\nand more", [("CardId", Guid.Empty), ("Deck", "Wörter \"A1\""), ("Count", 3)]);
        line.EnumerateObject().Select(p => p.Name).ShouldBe(["level", "service", "timestamp", "traceId", "message", "metadata"]);
        line.GetProperty("level").GetString().ShouldBe("warning");
        line.GetProperty("service").GetString().ShouldBe("mneme");
        line.GetProperty("timestamp").GetDateTimeOffset().ShouldBe(Now);
        line.GetProperty("message").GetString().ShouldBe("Card {CardId} of {Deck} has {Count} reviews\nand more");
        var metadata = line.GetProperty("metadata");
        metadata.EnumerateObject().Select(p => p.Name).ShouldBe(["category", "event", "CardId", "Deck", "Count"]);
        metadata.GetProperty("CardId").GetGuid().ShouldBe(Guid.Empty);
        metadata.GetProperty("Deck").GetString().ShouldBe("Wörter \"A1\"");
        metadata.GetProperty("Count").GetInt32().ShouldBe(3);
    }

    [Fact]
    public void Dates_are_written_as_ISO_8601_has_them()
    {
        var metadata = Json(LogLevel.Information, "Due at {DueAt} on {Day}", [("DueAt", Now), ("Day", DateOnly.FromDateTime(Now.Date))]).GetProperty("metadata");
        metadata.GetProperty("DueAt").GetDateTimeOffset().ShouldBe(Now);
        metadata.GetProperty("Day").GetString().ShouldBe("2026-11-20");
    }

    [Fact]
    public void Trace_correlation_and_service_come_from_where_the_line_is_written()
    {
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).SetTag("correlation.id", "order-7").Start();
        using var inner = new Activity("inner").SetIdFormat(ActivityIdFormat.W3C).Start();
        new CurrentService().Name = "study";
        var line = Json(LogLevel.Information, "x", []);
        line.GetProperty("service").GetString().ShouldBe("study");
        line.GetProperty("traceId").GetString().ShouldBe(request.TraceId.ToString());
        line.GetProperty("metadata").GetProperty("correlationId").GetString().ShouldBe("order-7");
    }

    [Fact]
    public async Task The_service_of_one_flow_is_not_that_of_another()
    {
        async Task<string> InScopeOf(string service)
        {
            new CurrentService().Name = service;
            await Task.Yield();
            return LogLine.Service;
        }

        (await InScopeOf("study")).ShouldBe("study");
        (await InScopeOf("ai")).ShouldBe("ai");
        LogLine.Service.ShouldBe("mneme");
    }

    [Fact]
    public void An_exception_stands_in_the_metadata_with_type_message_and_stack()
    {
        var error = Json(LogLevel.Error, "It failed", [], Thrown()).GetProperty("metadata").GetProperty("error");
        error.GetProperty("type").GetString().ShouldBe("System.InvalidOperationException");
        error.GetProperty("message").GetString().ShouldBe("outer");
        error.GetProperty("stack").GetString()!.ShouldContain("System.FormatException: inner");
    }

    [Fact]
    public void Values_cannot_replace_what_the_platform_says()
    {
        var metadata = Json(LogLevel.Information, "x", [("category", "forged"), ("error", "forged"), ("Bad", double.NaN), ("None", null)]).GetProperty("metadata");
        metadata.GetProperty("category").GetString().ShouldBe("Mneme.Test");
        metadata.TryGetProperty("error", out _).ShouldBeFalse();
        metadata.GetProperty("Bad").GetString().ShouldBe("NaN");
        metadata.GetProperty("None").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public void The_form_for_people_is_a_line_with_the_exception_below_and_no_foreign_control_characters()
    {
        var text = Write(new TextLogFormatter(new FixedTime()), LogLevel.Error, "It \e[2J failed", [], Thrown());
        text.ShouldContain("error");
        text.ShouldContain("mneme");
        text.ShouldNotContain("\e[2J");
        text.ShouldContain("System.FormatException: inner");
        text.ShouldContain("\n");
    }

    [Theory]
    [InlineData("\u009b2J")]
    [InlineData("\r")]
    [InlineData("\x7f")]
    public void What_moves_the_cursor_of_a_terminal_does_not_reach_it(string control) =>
        Write(new TextLogFormatter(new FixedTime()), LogLevel.Error, $"It {control} failed", [], null).ShouldNotContain(control);

    private static Exception Thrown() => new InvalidOperationException("outer", new FormatException("inner"));

    private static JsonElement Json(LogLevel level, string message, (string, object?)[] values, Exception? exception = null)
    {
        var text = Write(new JsonLogFormatter(new FixedTime()), level, message, values, exception);
        text.IndexOf('\n', StringComparison.Ordinal).ShouldBe(text.Length - 1);
        return JsonDocument.Parse(text).RootElement;
    }

    private static string Write(ConsoleFormatter formatter, LogLevel level, string message, (string Key, object? Value)[] values, Exception? exception)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var state = values.Select(v => KeyValuePair.Create(v.Key, v.Value)).Append(KeyValuePair.Create<string, object?>("{OriginalFormat}", message)).ToList();
        formatter.Write(
            new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(level, "Mneme.Test", new EventId(7, "Happened"), state, exception, (_, _) => message), null, writer);
        return writer.ToString();
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
