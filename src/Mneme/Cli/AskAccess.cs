using Mneme.Platform.Asking;
using Mneme.Platform.Configuration;
using Mneme.Platform.Security.Certificates;

namespace Mneme.Cli;

/// <summary>What a process needs to ask others, and to be asked, besides its settings.</summary>
internal static class AskAccess
{
    /// <summary>Checks before anything starts that the services have certificates.</summary>
    /// <param name="configuration">Everything that was configured.</param>
    /// <param name="services">The services that run in this process.</param>
    /// <exception cref="CertificateException">One is missing, damaged or expired.</exception>
    public static void Verify(IConfiguration configuration, IReadOnlyList<string> services)
    {
        var ask = configuration.Read<AskOptions>();
        if (ask.Port < 0 && !ask.IsConfigured)
            return;
        var options = configuration.Read<CertificateOptions>();
        var folder = options.FolderIn(configuration.Read<DataOptions>());
        var rows = new CertificateKeeper(options, folder, TimeProvider.System).Status();
        foreach (var service in services)
        {
            var row = rows.FirstOrDefault(r => r.Subject == service)
                ?? throw new CertificateException($"there is no certificate of '{service}' in {folder}: issue it with `mneme certs issue {service}` where ca.key is, and copy {service}.pem and {service}.key.");
            if (row.Problem is not null && row.NotAfter == DateTimeOffset.MinValue)
                throw new CertificateException(row.Problem);
            if (row.Problem is not null)
                throw new CertificateException($"the certificate of '{service}' in {folder} {row.Problem}.");
        }
    }
}
