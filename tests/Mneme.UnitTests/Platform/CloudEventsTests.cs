using System.Text;
using Mneme.Platform.Messaging;

namespace Mneme.UnitTests.Platform;

public sealed class CloudEventsTests
{
    private static readonly EventEnvelope[] Events =
    [
        new(Guid.CreateVersion7(), "a.happened.v1", "a-events", "study", Guid.NewGuid(), new(2026, 3, 29, 1, 30, 0, TimeSpan.Zero), null, """{"n":1}"""),
        new(Guid.CreateVersion7(), "a.happened.v1", "a-events", "study", Guid.NewGuid(), new(2026, 3, 29, 1, 30, 1, TimeSpan.Zero), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "[\"ü\"]"),
    ];

    [Fact]
    public void A_batch_is_read_as_it_was_written() =>
        CloudEvents.ReadAll(Encoding.UTF8.GetString(CloudEvents.WriteBatch(Events).Span)).ShouldBe(Events);

    [Fact]
    public void One_event_is_read_as_a_batch_of_one() => CloudEvents.ReadAll(CloudEvents.Write(Events[0])).ShouldHaveSingleItem().ShouldBe(Events[0]);

    [Fact]
    public void A_batch_is_not_one_event() =>
        Should.Throw<FormatException>(() => CloudEvents.Read(Encoding.UTF8.GetString(CloudEvents.WriteBatch(Events).Span)));

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("[7]")]
    [InlineData("{}")]
    [InlineData("""{"specversion":"0.3"}""")]
    [InlineData("""{"specversion":"1.0","id":"not a uuid"}""")]
    [InlineData("""{"specversion":"1.0","id":1}""")]
    [InlineData("""{"specversion":"1.0","id":"0199a000-0000-7000-8000-000000000001","source":"/mneme/a","subject":"0199a000-0000-7000-8000-000000000001","time":"2026-03-29T01:30:00Z","topic":"t","type":null,"data":1}""")]
    public void What_is_no_event_of_ours_is_refused(string text) => Should.Throw<FormatException>(() => CloudEvents.ReadAll(text));

    [Fact]
    public void One_that_is_no_event_spoils_its_batch()
    {
        var batch = Encoding.UTF8.GetString(CloudEvents.WriteBatch(Events).Span);
        Should.Throw<FormatException>(() => CloudEvents.ReadAll(batch[..^1] + ",{}]"));
    }
}
