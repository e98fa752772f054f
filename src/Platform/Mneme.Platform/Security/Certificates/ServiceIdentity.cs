using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Mneme.Platform.Security.Certificates;

/// <summary>
/// The name of a service in its certificate. The URI (a SPIFFE id, https://spiffe.io) is authoritative and exactly one; the DNS names are there for TLS, which
/// chooses the certificate by them, and for other tools.
/// </summary>
internal static class ServiceIdentity
{
    private const string TrustDomain = "spiffe://mneme/";
    private const string Zone = ".mneme";
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The name under which a service is called in TLS and HTTP, wherever its address is.</summary>
    public static string HostOf(string service) => service + Zone;

    /// <summary>The service that a caller means, by the name it called; null for none of ours.</summary>
    public static string? OfHost(string? host) =>
        host is not null && host.EndsWith(Zone, StringComparison.OrdinalIgnoreCase) ? host[..^Zone.Length].ToLowerInvariant() : null;

    public static X509Extension Names(string service)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(TrustDomain + service));
        names.AddDnsName(service);
        names.AddDnsName(HostOf(service));
        names.AddDnsName("localhost");
        return names.Build();
    }

    /// <returns>The service that the certificate names; null if it names none, or more than one.</returns>
    public static string? Of(X509Certificate2 certificate)
    {
        if (certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAlternativeName) is not { } names)
            return null;
        try
        {
            var reader = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence();
            string? only = null;
            while (reader.HasData)
            {
                if (!reader.PeekTag().HasSameClassAndValue(Uri))
                {
                    reader.ReadEncodedValue();
                    continue;
                }

                if (only is not null)
                    return null;
                only = reader.ReadCharacterString(UniversalTagNumber.IA5String, Uri);
            }

            return only is not null && only.StartsWith(TrustDomain, StringComparison.Ordinal) && only.Length > TrustDomain.Length ? only[TrustDomain.Length..] : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
