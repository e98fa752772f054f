using System.Runtime.InteropServices;

namespace Mneme.Language;

/// <summary>What a stretch of text is.</summary>
public enum SentenceKind
{
    /// <summary>A sentence closed by its own full stop, question or exclamation mark, or ellipsis.</summary>
    Sentence,
    /// <summary>A sentence that stands in a list.</summary>
    ListItem,
    /// <summary>Anything without an end of its own: headings, list fragments, captions.</summary>
    Fragment,
}

/// <summary>A sentence: a stretch of the text, without the white space around it.</summary>
/// <param name="Start">Offset of the first character in UTF-16 units.</param>
/// <param name="Length">Length in UTF-16 units.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Block">Number of the paragraph, heading or list item it stands in, from 0.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Sentence(int Start, int Length, SentenceKind Kind, int Block)
{
    /// <summary>The offset after the last character.</summary>
    public int End => Start + Length;

    /// <summary>The sentence as it stands in its text, inner line breaks included.</summary>
    public string In(string text) => text.Substring(Start, Length);
}
