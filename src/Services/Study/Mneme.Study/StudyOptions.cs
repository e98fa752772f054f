using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;
using Mneme.Scheduling;

namespace Mneme.Study;

internal sealed class StudyOptions : IOptionsSection
{
    public static string Section => "Study";

    [Description("Local time at which a study day ends and the next begins: a review before it belongs to the day before.")]
    [Range(typeof(TimeSpan), "00:00:00", "12:00:00")]
    public TimeSpan DayRollover { get; set; } = TimeSpan.FromHours(4);

    [Description("Local time from which on people are reminded of what is due that day.")]
    [Range(typeof(TimeSpan), "00:00:00", "23:00:00")]
    public TimeSpan ReminderTime { get; set; } = TimeSpan.FromHours(9);

    public StudyCalendar CalendarIn(TimeZoneInfo zone) => new(zone, DayRollover);
}
