using System.Diagnostics.Metrics;

namespace Mneme.Study;

internal static class StudyMetrics
{
    private static readonly Meter Meter = new("Mneme.Study");
    private static readonly Counter<long> Reviews = Meter.CreateCounter<long>("mneme.study.reviews", "{review}", "Reviews of flashcards.");
    private static readonly Counter<long> Cards = Meter.CreateCounter<long>("mneme.study.cards.generated", "{card}", "Flashcards made of captured material.");
    private static readonly Counter<long> Reminders = Meter.CreateCounter<long>("mneme.study.reminders", "{reminder}", "People reminded of what is due.");

    private static readonly KeyValuePair<string, object?>[] Qualities = [.. Enumerable.Range(0, 6).Select(q => new KeyValuePair<string, object?>("quality", q))];

    public static void Reviewed(int quality) => Reviews.Add(1, Qualities[quality]);

    public static void Generated(int cards, string provider) => Cards.Add(cards, new KeyValuePair<string, object?>("provider", provider));

    public static void Reminded(int people) => Reminders.Add(people);
}
