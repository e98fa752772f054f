namespace Mneme.Language;

/// <summary>What a token is.</summary>
public enum TokenKind
{
    Word,
    Number,
    /// <summary>A unit sign written on its own or right after its number: %, ‰, °C, €, $.</summary>
    Unit,
    Punctuation,
    /// <summary>A web or mail address.</summary>
    Address,
}

/// <summary>A token: a stretch of the text it was read from.</summary>
/// <param name="Start">Offset of the first character in UTF-16 units.</param>
/// <param name="Length">Length in UTF-16 units.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The stretch itself.</param>
public readonly record struct Token(int Start, int Length, TokenKind Kind, string Text)
{
    /// <summary>The offset after the last character.</summary>
    public int End => Start + Length;
}
