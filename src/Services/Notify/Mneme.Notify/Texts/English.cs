using System.Globalization;

namespace Mneme.Notify.Texts;

internal static class English
{
    private static readonly CultureInfo Culture = CultureInfo.GetCultureInfo("en");

    public static MailTexts Texts { get; } = new()
    {
        Culture = Culture,
        Greeting = name => name is null ? "Hello," : $"Hello {name},",
        Welcome = new WelcomeTexts(
            "Welcome to Mneme",
            "Three steps from what you read to what you remember.",
            "Mneme turns what you read into what you remember. This is how it works:",
            [
                "Capture a text that you want to remember.",
                "Mneme makes a topic with flashcards of it.",
                "Review them when they are due. A few minutes a day are enough, and each day adds to your streak.",
            ],
            "Open Mneme",
            "You get this mail because an account was made with this address. If it was not you, somebody mistyped theirs."),
        Reminder = new CountedTexts(
            count => count == 1 ? "1 flashcard is due today" : $"{Number(count)} flashcards are due today",
            "Now is the best time for a review.",
            count => count == 1 ? "flashcard to review" : "flashcards to review",
            count => count == 1
                ? "You are about to forget it, so this is the moment at which a review helps most."
                : "You are about to forget them, so this is the moment at which a review helps most.",
            "Review now",
            "You get this mail, at most once a day, because flashcards of yours are due.",
            "Send me no more reminders"),
        StreakWarning = new CountedTexts(
            count => count == 1 ? "Your streak of 1 day ends tonight" : $"Your streak of {Number(count)} days ends tonight",
            "One review before midnight keeps it.",
            count => count == 1 ? "day so far" : "days in a row",
            _ => "You have not reviewed anything today. One flashcard before midnight is enough, and your streak goes on.",
            "Keep the streak",
            "You get this mail, at most once a day, because your streak would end tonight.",
            "Send me no more warnings about my streak"),
        Unsubscribe = new UnsubscribeTexts(
            "Fewer mails?",
            "Do you want to get no more reminders of due flashcards?",
            "Do you want to get no more warnings before your streak ends?",
            "Yes, no more of these",
            "Done",
            "You get no more of these mails. You can turn them on again in your preferences.",
            "This link does not work",
            "It is incomplete, or the account that it belongs to no longer exists."),
    };

    private static string Number(int count) => count.ToString("N0", Culture);
}
