namespace Mneme.Notify.Templates;

/// <summary>What a mail says; the templates and the plain text are two forms of it. Public, as Razor's components are.</summary>
/// <param name="Language">BCP 47 tag.</param>
/// <param name="Subject">Subject and heading.</param>
/// <param name="Preview">What mail programs show beside the subject.</param>
/// <param name="Greeting">The first line.</param>
/// <param name="Body">The paragraph.</param>
/// <param name="Action">The button.</param>
/// <param name="Reason">Why the person gets this mail.</param>
public sealed record MailContent(string Language, string Subject, string Preview, string Greeting, string Body, MailLink Action, string Reason)
{
    /// <summary>What to do, in order; empty in mails about a number.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>The number that the mail is about, as people write it in its language.</summary>
    public string? Figure { get; init; }

    /// <summary>What the number counts.</summary>
    public string? Unit { get; init; }

    /// <summary>The link that ends these mails; null where they cannot be turned off.</summary>
    public MailLink? Unsubscribe { get; init; }
}

public sealed record MailLink(string Label, Uri Address);
