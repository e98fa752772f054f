using System.Net.Http.Json;
using System.Text.Json;
using Mneme.JourneyTests.Support;

namespace Mneme.JourneyTests;

/// <summary>The product in one breath: captured text becomes flashcards, reviews become points and a streak, and mail is sent.</summary>
public sealed class LearningLoopTests
{
    private const string English = """
        Photosynthesis is the process by which green plants convert light energy into chemical energy. It takes place mainly in the leaves, inside small
        organelles called chloroplasts. Chlorophyll is the green pigment that absorbs light, chiefly in the red and blue parts of the spectrum. During the light
        reactions, water molecules are split and oxygen is released into the air. The Calvin cycle then uses the captured energy to build sugar from carbon dioxide.
        In 1779 the Dutch physician Jan Ingenhousz showed that plants give off oxygen only in sunlight.
        """;

    private const string German = """
        Die Donau ist der zweitlängste Fluss Europas und entspringt im Schwarzwald. Auf ihrem Weg zum Schwarzen Meer durchquert sie zehn Länder und vier Hauptstädte.
        Als Flussdelta bezeichnet man die verzweigte Mündung eines Flusses, in der sich Schlamm und Sand ablagern. Das Donaudelta steht seit 1991 unter dem Schutz der
        UNESCO und beherbergt mehr als dreihundert Vogelarten. Die Schifffahrt auf der Donau wurde durch den Main-Donau-Kanal mit der Nordsee verbunden.
        """;

    [Theory]
    [InlineData(Topology.InOneProcess)]
    [InlineData(Topology.SplitOverRabbitMq)]
    [InlineData(Topology.SplitOverKafka)]
    [InlineData(Topology.SplitOverRedis)]
    public async Task A_captured_text_becomes_flashcards_reviews_points_a_streak_and_mail(Topology topology)
    {
        using var data = new DataFolder();
        await using var mneme = await MnemeProcess.StartAsync(data.Path, topology);
        using var ada = await Learner.RegisterAsync(mneme, "Ada");
        using var max = await Learner.RegisterAsync(mneme, "Max", locale: "de");

        var english = await CaptureAsync(ada, English, "en");
        var german = await CaptureAsync(max, German, "de");

        var due = (await ada.GetAsync("flashcards/due?limit=20")).GetProperty("items").EnumerateArray().ToList();
        due.Count.ShouldBe(english.Count);
        var reviewed = await ada.ReviewAsync(due[0].GetProperty("id").GetGuid(), quality: 5);
        reviewed.GetProperty("interval").GetInt32().ShouldBe(1);
        reviewed.GetProperty("easeFactor").GetDecimal().ShouldBe(2.6m);
        await ada.ReviewAsync(due[1].GetProperty("id").GetGuid(), quality: 3);
        await max.ReviewAsync(german[0].GetProperty("id").GetGuid());

        await Eventually.TrueAsync(async () => await ada.PointsAsync() == 20 && await max.PointsAsync() == 10, "two reviews are 20 points, one is 10");
        (await ada.GetAsync("progress/me")).GetProperty("streak").GetInt32().ShouldBe(1);
        var board = await ada.GetAsync("leaderboard");
        board.GetProperty("top").EnumerateArray().Select(row => (row.GetProperty("rank").GetInt64(), row.GetProperty("points").GetInt64())).ShouldBe([(1, 20), (2, 10)]);
        board.GetProperty("me").GetProperty("rank").GetInt64().ShouldBe(1);

        await Eventually.TrueAsync(() => Task.FromResult(Mail(data).Count == 2), "both get a welcome mail");
        Mail(data).ShouldContain(text => text.Contains(ada.Email, StringComparison.Ordinal) && text.Contains("Subject: Welcome", StringComparison.Ordinal));
        Mail(data).ShouldContain(text => text.Contains(max.Email, StringComparison.Ordinal) && text.Contains("Subject: Willkommen", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_comes_in_by_a_channel_becomes_flashcards_by_itself()
    {
        using var data = new DataFolder();
        await using var mneme = await MnemeProcess.StartAsync(data.Path);
        using var ada = await Learner.RegisterAsync(mneme, "Ada");
        var channel = await ada.PostAsync("channels", new { type = "TELEGRAM", name = "Biology" });
        using var telegram = mneme.Client();
        using var update = new HttpRequestMessage(HttpMethod.Post, new Uri(channel.GetProperty("inbox").GetString()!).AbsolutePath)
        {
            Content = JsonContent.Create(new { update_id = 1, message = new { message_id = 1, chat = new { id = 1, type = "private" }, text = English } }),
            Headers = { { "X-Telegram-Bot-Api-Secret-Token", channel.GetProperty("secret").GetString() } },
        };
        using var taken = await telegram.SendAsync(update);
        taken.IsSuccessStatusCode.ShouldBeTrue(await taken.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(
            async () => (await ada.GetAsync("captures?source=Biology&status=PROCESSED")).GetProperty("items").GetArrayLength() == 1, "the message is captured and learned from");
        (await ada.GetAsync("flashcards/due?limit=20")).GetProperty("items").GetArrayLength().ShouldBeGreaterThanOrEqualTo(3);
    }

    private static async Task<List<JsonElement>> CaptureAsync(Learner learner, string text, string language)
    {
        var capture = await learner.PostAsync("captures", new { type = "TEXT", content = text });
        capture.GetProperty("status").GetString().ShouldBe("PENDING");
        var id = capture.GetProperty("id").GetGuid();
        JsonElement processed = default;
        await Eventually.TrueAsync(
            async () => (processed = await learner.GetAsync($"captures/{id}")).GetProperty("status").GetString() != "PENDING", "the capture is processed");
        processed.GetProperty("status").GetString().ShouldBe("PROCESSED", processed.ToString());
        var topic = await learner.GetAsync($"topics/{processed.GetProperty("topicId").GetGuid()}");
        topic.GetProperty("name").GetString().ShouldNotBeNullOrWhiteSpace();
        var cards = (await learner.GetAsync($"flashcards?topicId={topic.GetProperty("id").GetGuid()}")).GetProperty("items").EnumerateArray().ToList();
        cards.Count.ShouldBeGreaterThanOrEqualTo(3, $"{language}: {topic}");
        var flat = Flat(text);
        foreach (var card in cards)
        {
            var (front, back, source) = (card.GetProperty("front").GetString()!, card.GetProperty("back").GetString()!, card.GetProperty("source").GetString()!);
            flat.ShouldContain(Flat(source), Case.Sensitive);
            source.ShouldContain(back, Case.Insensitive);
            front.ShouldNotContain(back, Case.Insensitive);
        }

        return cards;
    }

    private static string Flat(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static List<string> Mail(DataFolder data)
    {
        var folder = Path.Combine(data.Path, "mail");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.eml").Select(File.ReadAllText)] : [];
    }
}
