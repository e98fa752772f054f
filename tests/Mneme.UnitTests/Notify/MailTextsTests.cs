using Mneme.Notify.Texts;

namespace Mneme.UnitTests.Notify;

public sealed class MailTextsTests
{
    [Theory]
    [InlineData("de", "de")]
    [InlineData("DE-ch", "de")]
    [InlineData("en", "en")]
    [InlineData("tlh", "en")]
    [InlineData("", "en")]
    [InlineData(null, "en")]
    public void Languages_without_texts_get_English(string? locale, string language) => MailTexts.For(locale).Language.ShouldBe(language);

    [Theory]
    [InlineData("en", 1, "1 flashcard is due today", "Your streak of 1 day ends tonight")]
    [InlineData("en", 1234, "1,234 flashcards are due today", "Your streak of 1,234 days ends tonight")]
    [InlineData("de", 1, "1 Karteikarte ist heute fällig", "Deine Serie von 1 Tag endet heute Nacht")]
    [InlineData("de", 1234, "1.234 Karteikarten sind heute fällig", "Deine Serie von 1.234 Tagen endet heute Nacht")]
    public void Subjects_count_as_their_language_does(string locale, int count, string reminder, string warning)
    {
        var texts = MailTexts.For(locale);
        (texts.Reminder.Subject(count), texts.StreakWarning.Subject(count)).ShouldBe((reminder, warning));
    }
}
