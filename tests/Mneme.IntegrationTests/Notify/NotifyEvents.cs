using Mneme.Contracts.Identity;
using Mneme.Contracts.Progress;
using Mneme.Contracts.Study;

namespace Mneme.IntegrationTests.Notify;

/// <summary>Events as the other services publish them.</summary>
internal static class NotifyEvents
{
    public const string Zone = "Europe/Berlin";

    public static string Address(Guid userId) => $"{userId:n}@example.org";

    public static UserRegistered Registered(Guid userId, string name = "Ada", string locale = "en", string? email = null) =>
        new(userId, email ?? Address(userId), name, "USER", Zone, locale, IsPublic: false, Version: 1);

    public static FlashcardDue Due(Guid userId, DateTimeOffset now, int count = 5) => new(userId, count, Today(now), Zone, Today(now).DayNumber);

    public static StreakWarning AtStake(Guid userId, DateTimeOffset now, int streak = 12) => new(userId, streak, Today(now), Zone, Version: 7);

    public static DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(Zone)).DateTime);
}
