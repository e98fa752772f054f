namespace Mneme.Platform;

public static class Text
{
    /// <summary>At most the first <paramref name="maxLength"/> UTF-16 units. No character is halved: PostgreSQL does not store half of one.</summary>
    public static string Cut(this string text, int maxLength) =>
        text.Length <= maxLength ? text : text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
}
