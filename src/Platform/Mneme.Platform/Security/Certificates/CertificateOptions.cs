using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Security.Certificates;

public sealed class CertificateOptions : IOptionsSection
{
    public static string Section => "Certificates";

    [Description("Folder of the certificates by which services know each other: ca.pem, and NAME.pem and NAME.key of each service. By default certs in Data__Folder.")]
    public string? Folder { get; set; }

    [Description("Days that a service's certificate is valid; it is renewed in the last third of them.")]
    [Range(1, 397)]
    public int ServiceDays { get; set; } = 30;

    [Description("Days that a certificate authority is valid.")]
    [Range(30, 7300)]
    public int AuthorityDays { get; set; } = 3650;

    /// <summary>The folder as a full path.</summary>
    public string FolderIn(DataOptions data) => Path.GetFullPath(Folder is { Length: > 0 } ? Folder : Path.Combine(data.Folder, "certs"));
}

/// <summary>Certificates are missing, damaged or cannot be made; the message says why and what to do, and is shown to the operator as it is.</summary>
public sealed class CertificateException : Exception
{
    public CertificateException()
    {
    }

    public CertificateException(string message) : base(message)
    {
    }

    public CertificateException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
