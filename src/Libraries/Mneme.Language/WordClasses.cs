namespace Mneme.Language;

/// <summary>The word classes a form can have, as far as the embedded lists know; a form may have several.</summary>
[Flags]
public enum WordClasses
{
    /// <summary>Not listed: most likely a term of its subject, or a name.</summary>
    None = 0,
    Determiner = 1,
    Possessive = 1 << 1,
    Pronoun = 1 << 2,
    Preposition = 1 << 3,
    Conjunction = 1 << 4,
    Auxiliary = 1 << 5,
    Adverb = 1 << 6,
    Interjection = 1 << 7,
    /// <summary>A general noun, too common to be a term of a subject.</summary>
    Noun = 1 << 8,
    /// <summary>A class noun that with a bare definite article points back to something named before ("the company").</summary>
    Anaphoric = 1 << 9,
    /// <summary>A noun that says what a person is or was by profession or office.</summary>
    Person = 1 << 10,
    Verb = 1 << 11,
    Adjective = 1 << 12,
}
