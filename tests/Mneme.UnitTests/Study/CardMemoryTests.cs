using System.Globalization;
using Mneme.Scheduling;
using Mneme.Study.Domain;

namespace Mneme.UnitTests.Study;

public sealed class CardMemoryTests
{
    private static readonly StudyCalendar Berlin = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), TimeSpan.FromHours(4));

    [Fact]
    public void A_card_reviewed_in_the_evening_is_due_next_morning_at_the_rollover()
    {
        var review = New().Review(4, At("2026-11-20T23:15:00+01:00"), Berlin);
        review.After.DueAt.ShouldBe(At("2026-11-21T04:00:00+01:00"));
        review.After.State.ShouldBe(new Sm2State(250, 1, 1));
        review.StudyDay.ShouldBe(new DateOnly(2026, 11, 20));
        review.ElapsedDays.ShouldBeNull();
    }

    [Fact]
    public void After_midnight_and_before_the_rollover_it_is_still_the_day_before() =>
        New().Review(4, At("2026-11-21T01:00:00+01:00"), Berlin).After.DueAt.ShouldBe(At("2026-11-21T04:00:00+01:00"));

    [Fact]
    public void An_interval_across_the_change_of_clocks_ends_at_four_by_the_local_clock()
    {
        var six = New().Review(4, At("2026-10-22T12:00:00+02:00"), Berlin).After.Review(4, At("2026-10-23T12:00:00+02:00"), Berlin);
        six.After.State.IntervalDays.ShouldBe(6);
        six.After.DueAt.ShouldBe(At("2026-10-29T04:00:00+01:00"));
    }

    [Theory]
    [InlineData("2026-11-20T23:59:00+01:00", 0)]
    [InlineData("2026-11-21T03:59:00+01:00", 0)]
    [InlineData("2026-11-21T04:00:00+01:00", 1)]
    [InlineData("2026-12-20T05:00:00+01:00", 30)]
    [InlineData("2026-11-19T12:00:00+01:00", 0)]
    public void Elapsed_days_are_whole_study_days_since_the_previous_review(string next, int days) =>
        New().Review(4, At("2026-11-20T12:00:00+01:00"), Berlin).After.Review(4, At(next), Berlin).ElapsedDays.ShouldBe(days);

    [Fact]
    public void A_review_keeps_the_memory_before_it_for_undoing()
    {
        var first = New().Review(5, At("2026-11-20T12:00:00+01:00"), Berlin);
        var second = first.After.Review(1, At("2026-11-21T12:00:00+01:00"), Berlin);
        second.Before.ShouldBe(first.After);
        second.After.State.ShouldBe(new Sm2State(260, 1, 0));
    }

    [Theory]
    [InlineData(130, "Hard")]
    [InlineData(199, "Hard")]
    [InlineData(200, "Normal")]
    [InlineData(250, "Normal")]
    [InlineData(251, "Easy")]
    [InlineData(400, "Easy")]
    public void The_difficulty_follows_from_the_ease(int ease, string difficulty) => CardMemory.DifficultyOf(ease).ToString().ShouldBe(difficulty);

    [Fact]
    public void The_ease_has_no_trailing_zeros() => CardMemory.EaseFactorOf(300).ToString(CultureInfo.InvariantCulture).ShouldBe("3");

    private static CardMemory New() => new(Sm2State.New, At("2026-11-20T08:00:00+01:00"), null);

    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture).ToUniversalTime();
}
