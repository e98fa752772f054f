using System.Text;

namespace Mneme.Capture.Domain;

/// <summary>How captures count towards a person's storage.</summary>
internal static class StorageUsage
{
    /// <summary>What each capture counts beside its text, so that very many tiny ones are limited too.</summary>
    public const long BytesPerCapture = 1024;

    public static long BytesOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
