using System.Security.Cryptography;
using System.Text;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.Capture.Domain;

/// <summary>What a person wants to capture, checked and in normal form.</summary>
internal sealed record CaptureDraft(
    CaptureType Type, string Content, byte[] ContentHash, string? Title, string? Source, string? Language, TagList Tags, string? Metadata)
{
    public long Size => StorageUsage.BytesPerCapture + StorageUsage.BytesOf(Content) + StorageUsage.BytesOf(Metadata);

    /// <summary>Hash by which the same text is known again: composed characters, and white space only as a separator.</summary>
    public static byte[] HashOfText(string text) => Hash(PlainText.OneLine(text, int.MaxValue)!.Normalize(NormalizationForm.FormC));

    /// <summary>Hash by which the same page is known again: the fragment only says where on it to look.</summary>
    public static byte[] HashOfAddress(Uri address) => Hash(OutgoingAddress.Normalise(address));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
