using Mneme.DemoThings.Domain;

namespace Mneme.UnitTests.DemoThings;

public sealed class DemoThingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 29, 22, 30, 0, TimeSpan.Zero);

    [Fact]
    public void A_new_one_is_as_it_was_given_and_nothing_has_happened_yet()
    {
        var userId = Guid.NewGuid();
        var demoThing = DemoThing.Create(userId, Title("Water"), Description("Every day"), Now);
        (demoThing.UserId, demoThing.Title.Value, demoThing.Description.Value, demoThing.CreatedAt, demoThing.Version).ShouldBe((userId, "Water", "Every day", Now, 1));
        demoThing.IsCompleted.ShouldBeFalse();
        demoThing.UnsavedEvents().ShouldBeEmpty();
    }

    [Fact]
    public void Completing_happens_once_and_ends_all_change()
    {
        var demoThing = DemoThing.Create(Guid.NewGuid(), Title("Water"), DemoThingDescription.None, Now);
        demoThing.Change(Title("Water them"), Description("Not too much"));
        demoThing.Complete(Now, TimeZoneInfo.Utc);
        demoThing.Complete(Now.AddDays(1), TimeZoneInfo.Utc);
        demoThing.CompletedAt.ShouldBe(Now);
        demoThing.UnsavedEvents().ShouldHaveSingleItem().ShouldBe(new Completed(demoThing, Now, TimeZoneInfo.Utc));
        Should.Throw<InvalidOperationException>(() => demoThing.Change(Title("Too late"), DemoThingDescription.None));
        demoThing.Title.Value.ShouldBe("Water them");
    }

    [Theory]
    [InlineData("  Water \n them ", "Water them")]
    [InlineData("🦊", "🦊")]
    public void A_title_is_one_line(string given, string title) => DemoThingTitle.Parse(given).Value!.Value.ShouldBe(title);

    [Theory]
    [InlineData("")]
    [InlineData(" \u0007\n")]
    public void A_title_that_cannot_be_seen_is_refused(string given) => DemoThingTitle.Parse(given).Problem!.Errors!.Keys.ShouldBe(["title"]);

    [Fact]
    public void Title_and_note_have_limits_and_a_note_may_be_empty()
    {
        DemoThingTitle.Parse(new string('x', DemoThingTitle.MaxLength)).Problem.ShouldBeNull();
        DemoThingTitle.Parse(new string('x', DemoThingTitle.MaxLength + 1)).Problem!.Errors!.Keys.ShouldBe(["title"]);
        DemoThingDescription.Parse(new string('x', DemoThingDescription.MaxLength)).Problem.ShouldBeNull();
        DemoThingDescription.Parse(new string('x', DemoThingDescription.MaxLength + 1)).Problem!.Errors!.Keys.ShouldBe(["description"]);
        DemoThingDescription.Parse(" \r\n ").Value.ShouldBe(DemoThingDescription.None);
        DemoThingDescription.Parse("one\r\ntwo").Value!.Value.ShouldBe("one\ntwo");
    }

    private static DemoThingTitle Title(string text) => DemoThingTitle.Parse(text).Value!;

    private static DemoThingDescription Description(string text) => DemoThingDescription.Parse(text).Value!;
}
