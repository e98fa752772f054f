namespace Mneme.Study.Domain;

internal static class Text
{
    /// <summary>The beginning of a text, of at most so many UTF-16 units and never half a surrogate pair.</summary>
    public static string Clip(string text, int length)
    {
        if (text.Length <= length)
            return text;
        return char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
    }
}
