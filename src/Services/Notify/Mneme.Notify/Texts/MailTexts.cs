using System.Globalization;

namespace Mneme.Notify.Texts;

/// <summary>Everything that mails and pages say, in one language. A new language is a new record here.</summary>
internal sealed record MailTexts
{
    public required CultureInfo Culture { get; init; }

    /// <summary>With the name, or without if there is none to be used.</summary>
    public required Func<string?, string> Greeting { get; init; }

    public required WelcomeTexts Welcome { get; init; }

    public required CountedTexts Reminder { get; init; }

    public required CountedTexts StreakWarning { get; init; }

    public required UnsubscribeTexts Unsubscribe { get; init; }

    public string Language => Culture.TwoLetterISOLanguageName;

    /// <summary>The texts for a BCP 47 tag; English for languages that there are no texts in.</summary>
    public static MailTexts For(string? locale) => locale?.Split('-')[0].ToLowerInvariant() switch
    {
        "de" => German.Texts,
        _ => English.Texts,
    };
}

/// <param name="Subject">Also the heading.</param>
/// <param name="Preview">What mail programs show beside the subject.</param>
/// <param name="Introduction">Before the steps.</param>
/// <param name="Steps">How to begin.</param>
/// <param name="Action">On the button.</param>
/// <param name="Reason">Why the person gets this mail.</param>
internal sealed record WelcomeTexts(string Subject, string Preview, string Introduction, IReadOnlyList<string> Steps, string Action, string Reason);

/// <summary>A mail about a number: cards or days.</summary>
/// <param name="Subject">Also the heading.</param>
/// <param name="Preview">What mail programs show beside the subject.</param>
/// <param name="Unit">Under the number.</param>
/// <param name="Body">What it means, and what to do.</param>
/// <param name="Action">On the button.</param>
/// <param name="Reason">Why the person gets this mail.</param>
/// <param name="Unsubscribe">The link that ends these mails.</param>
internal sealed record CountedTexts(
    Func<int, string> Subject, string Preview, Func<int, string> Unit, Func<int, string> Body, string Action, string Reason, string Unsubscribe);

/// <summary>The page behind the link that ends a kind of mail.</summary>
internal sealed record UnsubscribeTexts(
    string Title, string ReminderQuestion, string StreakWarningQuestion, string Confirm, string DoneTitle, string Done, string UnknownTitle, string Unknown);
