using Mneme.Language;

namespace Mneme.Ai.Offline;

/// <summary>The part a word plays in its sentence, as far as a light tagger can tell.</summary>
internal enum Tag
{
    Punctuation,
    Address,
    Number,
    Unit,
    Determiner,
    Possessive,
    Pronoun,
    Preposition,
    Conjunction,
    Auxiliary,
    Adverb,
    Adjective,
    Verb,
    Participle,
    Gerund,
    /// <summary>A general noun.</summary>
    Noun,
    /// <summary>A noun outside the general vocabulary: a term of its subject, or (German) a name.</summary>
    Term,
    /// <summary>A capitalised name inside an English sentence.</summary>
    Name,
}

/// <summary>A token with its tag.</summary>
internal sealed record TaggedToken(Token Token, Tag Tag, WordClasses Classes, VerbReading? Verb, string Stem)
{
    internal string Text => Token.Text;

    internal string Lower { get; } = Token.Text.ToLowerInvariant();

    /// <summary>The tag of what is no word; null for words.</summary>
    internal static Tag? TagOf(TokenKind kind) => kind switch
    {
        TokenKind.Number => Tag.Number,
        TokenKind.Unit => Tag.Unit,
        TokenKind.Address => Tag.Address,
        TokenKind.Punctuation => Tag.Punctuation,
        _ => null,
    };

    internal bool IsNominal => Tag is Tag.Noun or Tag.Term or Tag.Name;

    internal bool IsContent => Tag is Tag.Noun or Tag.Term or Tag.Name or Tag.Adjective or Tag.Verb or Tag.Participle or Tag.Gerund or Tag.Number;

    internal bool IsFinite => Tag == Tag.Auxiliary
        ? Lower is not ("be" or "been" or "being" or "having" or "gewesen" or "worden" or "geworden" or "gehabt")
        : Tag == Tag.Verb;

    internal bool Is(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Lower == word)
                return true;
        }
        return false;
    }

    public override string ToString() => Text;
}
