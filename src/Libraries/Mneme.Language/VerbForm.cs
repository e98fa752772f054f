namespace Mneme.Language;

/// <summary>Which forms of a verb a written form can be.</summary>
[Flags]
public enum VerbForms
{
    None = 0,
    /// <summary>English base form; German infinitive, which is also the third person plural.</summary>
    Base = 1,
    ThirdSingular = 1 << 1,
    Past = 1 << 2,
    /// <summary>German third person plural of the preterite.</summary>
    PastPlural = 1 << 3,
    Participle = 1 << 4,
    /// <summary>English -ing form.</summary>
    Gerund = 1 << 5,
}

/// <summary>A verb reading of a written form.</summary>
/// <param name="Verb">The listed base form.</param>
/// <param name="Past">The (third person singular) past of that verb.</param>
/// <param name="ThirdSingular">The third person singular, present.</param>
/// <param name="Forms">What the written form can be.</param>
public sealed record VerbReading(string Verb, string Past, string ThirdSingular, VerbForms Forms);
