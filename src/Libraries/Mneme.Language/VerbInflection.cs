namespace Mneme.Language;

/// <summary>Derives the forms of a listed verb: "write/wrote/written", "schreiben/schreibt/schrieb/geschrieben", or the base form alone.</summary>
internal static class VerbInflection
{
    private static readonly string[] InseparablePrefixes = ["be", "ent", "er", "ge", "ver", "zer", "miss", "über", "unter", "wider", "voll"];

    internal static IEnumerable<(string Form, VerbReading Reading)> English(string entry)
    {
        var parts = entry.Split('/');
        var verb = parts[0];
        var third = verb.EndsWith('s') || verb.EndsWith('x') || verb.EndsWith('z') || verb.EndsWith("ch", StringComparison.Ordinal)
            || verb.EndsWith("sh", StringComparison.Ordinal) || verb.EndsWith('o') ? verb + "es"
            : EndsInConsonantY(verb) ? verb[..^1] + "ies" : verb + "s";
        var stem = Doubles(verb) ? verb + verb[^1] : verb;
        var regular = verb.EndsWith('e') ? verb + "d" : EndsInConsonantY(verb) ? verb[..^1] + "ied" : stem + "ed";
        var past = parts.Length > 1 ? parts[1] : regular;
        var participle = parts.Length > 2 ? parts[2] : past;
        var gerund = verb.EndsWith("ie", StringComparison.Ordinal) ? verb[..^2] + "ying"
            : verb.EndsWith('e') && !verb.EndsWith("ee", StringComparison.Ordinal) ? verb[..^1] + "ing" : stem + "ing";
        return Readings(verb, past, third, (verb, VerbForms.Base), (third, VerbForms.ThirdSingular), (past, VerbForms.Past),
            (participle, VerbForms.Participle), (gerund, VerbForms.Gerund));
    }

    internal static IEnumerable<(string Form, VerbReading Reading)> German(string entry)
    {
        var parts = entry.Split('/');
        var verb = parts[0];
        var stem = verb.EndsWith("en", StringComparison.Ordinal) ? verb[..^2] : verb[..^1];
        var link = stem.EndsWith('t') || stem.EndsWith('d') || (stem.Length > 2 && stem[^1] is 'n' or 'm' && ("aeiouäöürlhmn".IndexOf(stem[^2]) < 0 || stem.EndsWith("chn", StringComparison.Ordinal))) ? "e" : "";
        var third = parts.Length > 1 ? parts[1] : stem + link + "t";
        var past = parts.Length > 2 ? parts[2] : stem + link + "te";
        var participle = parts.Length > 3 ? parts[3] : Participle(verb, stem, link);
        var pastPlural = past.EndsWith('e') ? past + "n" : past + "en";
        return Readings(verb, past, third, (verb, VerbForms.Base), (third, VerbForms.ThirdSingular), (past, VerbForms.Past),
            (pastPlural, VerbForms.PastPlural), (participle, VerbForms.Participle));
    }

    private static IEnumerable<(string, VerbReading)> Readings(string verb, string past, string third, params (string Form, VerbForms Kind)[] forms) =>
        forms.GroupBy(form => form.Form)
            .Select(same => (same.Key, new VerbReading(verb, past, third, same.Aggregate(VerbForms.None, (all, form) => all | form.Kind))));

    private static string Participle(string verb, string stem, string link) =>
        verb.EndsWith("ieren", StringComparison.Ordinal) || Array.Exists(InseparablePrefixes, prefix => verb.StartsWith(prefix, StringComparison.Ordinal))
            ? stem + link + "t"
            : "ge" + stem + link + "t";

    private static bool EndsInConsonantY(string verb) => verb.Length > 1 && verb[^1] == 'y' && !IsVowel(verb[^2]);

    // One short syllable (stop, plan) doubles its consonant; longer verbs that do are few, and listed.
    private static bool Doubles(string verb)
    {
        if (verb is "occur" or "admit" or "submit" or "transmit" or "refer" or "prefer" or "permit" or "repel" or "control" or "emit" or "transfer" or "annul")
            return true;
        if (verb.Length < 3 || IsVowel(verb[^1]) || verb[^1] is 'w' or 'x' or 'y' || !IsVowel(verb[^2]) || IsVowel(verb[^3]))
            return false;
        return verb.Count(IsVowel) == 1;
    }

    private static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u';
}
