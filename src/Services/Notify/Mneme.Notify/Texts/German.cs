using System.Globalization;

namespace Mneme.Notify.Texts;

internal static class German
{
    private static readonly CultureInfo Culture = CultureInfo.GetCultureInfo("de");

    public static MailTexts Texts { get; } = new()
    {
        Culture = Culture,
        Greeting = name => name is null ? "Hallo," : $"Hallo {name},",
        Welcome = new WelcomeTexts(
            "Willkommen bei Mneme",
            "In drei Schritten vom Gelesenen zum Gemerkten.",
            "Mneme macht aus dem, was du liest, etwas, das du behältst. So geht es:",
            [
                "Erfasse einen Text, den du dir merken möchtest.",
                "Mneme macht daraus ein Thema mit Karteikarten.",
                "Wiederhole sie, wenn sie fällig sind. Ein paar Minuten am Tag genügen, und jeder Tag verlängert deine Serie.",
            ],
            "Mneme öffnen",
            "Du bekommst diese Mail, weil mit dieser Adresse ein Konto angelegt wurde. Falls du das nicht warst, hat sich jemand bei seiner Adresse vertippt."),
        Reminder = new CountedTexts(
            count => count == 1 ? "1 Karteikarte ist heute fällig" : $"{Number(count)} Karteikarten sind heute fällig",
            "Jetzt ist der beste Zeitpunkt für eine Wiederholung.",
            count => count == 1 ? "Karteikarte zu wiederholen" : "Karteikarten zu wiederholen",
            _ => "Du bist kurz davor, sie zu vergessen: Genau jetzt hilft eine Wiederholung am meisten.",
            "Jetzt wiederholen",
            "Du bekommst diese Mail, höchstens einmal am Tag, weil Karteikarten von dir fällig sind.",
            "Keine Erinnerungen mehr schicken"),
        StreakWarning = new CountedTexts(
            count => count == 1 ? "Deine Serie von 1 Tag endet heute Nacht" : $"Deine Serie von {Number(count)} Tagen endet heute Nacht",
            "Eine Wiederholung vor Mitternacht rettet sie.",
            count => count == 1 ? "Tag bisher" : "Tage in Folge",
            _ => "Du hast heute noch nichts wiederholt. Eine Karteikarte vor Mitternacht genügt, und deine Serie geht weiter.",
            "Serie retten",
            "Du bekommst diese Mail, höchstens einmal am Tag, weil deine Serie heute Nacht enden würde.",
            "Keine Warnungen zu meiner Serie mehr schicken"),
        Unsubscribe = new UnsubscribeTexts(
            "Weniger Mails?",
            "Möchtest du keine Erinnerungen an fällige Karteikarten mehr bekommen?",
            "Möchtest du vor dem Ende deiner Serie nicht mehr gewarnt werden?",
            "Ja, keine mehr davon",
            "Erledigt",
            "Du bekommst keine dieser Mails mehr. In deinen Einstellungen kannst du sie wieder einschalten.",
            "Dieser Link funktioniert nicht",
            "Er ist unvollständig, oder das Konto, zu dem er gehört, gibt es nicht mehr."),
    };

    private static string Number(int count) => count.ToString("N0", Culture);
}
