namespace Mneme.Deployment;

/// <summary>The services' part of <c>compose.yaml</c>; its anchors (<c>*service</c>, <c>*settings</c>, …) are written by hand above it.</summary>
internal static class ComposeServices
{
    /// <summary>This program's version, which its image is tagged with.</summary>
    public static string Version { get; } = typeof(ComposeServices).Assembly.GetName().Version!.ToString(3);

    public static string Write(IReadOnlyList<DeploymentTarget> targets) =>
        $"""
          # Makes the certificates by which the services know each other, hands each service its own, and renews them. It is root, because it gives files
          # away to the user of the services, and has no network.
          certificates:
            <<: *program
            image: {Image("certificates")}
            user: "0:0"
            cap_add: [CHOWN, DAC_OVERRIDE, FOWNER]
            network_mode: none
            entrypoint: [/opt/mneme/bin/keep-certificates, /certificates]
            environment:
              Certificates__Folder: /authority
            volumes:
              - authority:/authority
        {Yaml.Lines(6, targets.Select(target => $"- certificate-{target.Name}:/certificates/{target.Name}"))}
            healthcheck:
              test: [CMD, test, -e, /tmp/handed-out]
              interval: 2s
              timeout: 2s
              retries: 60

        {string.Join("\n\n", targets.Select(target => Service(target, targets)))}

        volumes:
          authority:
          identity-data:
        {Yaml.Lines(2, targets.Select(target => $"certificate-{target.Name}:"))}
        """;

    /// <summary>Each target has a version of its own, so that one can be rolled back alone.</summary>
    private static string Image(string target) => $"${{MNEME_IMAGE:-mneme}}:${{{target.ToUpperInvariant()}_VERSION:-{Version}}}";

    private static string Service(DeploymentTarget target, IReadOnlyList<DeploymentTarget> targets)
    {
        string[] settings = target.IsGateway
            ? ["<<: *common", "Http__TrustedProxies: ${TRUSTED_PROXIES:-}", "Gateway__ResolveDns: \"true\"", .. targets.Where(other => !other.IsGateway).Select(other => $"Gateway__Destinations__{other.Name}: http://{other.Name}:{DeploymentTarget.HttpPort}")]
            // A secret without a value here is passed on from .env or the environment, if it is set there.
            : ["<<: *settings", $"Ask__Port: \"{DeploymentTarget.AskPort}\"", .. target.Secrets.Select(secret => $"{secret}:")];
        // Only identity keeps something in its data folder: the key that protects the keys of tokens.
        string[] volumes = target.HasIdentityKey
            ? ["tmpfs:", "  - /tmp", "volumes:", $"  - certificate-{target.Name}:/certificates:ro", "  - identity-data:/data"]
            : ["volumes:", $"  - certificate-{target.Name}:/certificates:ro"];
        return $"""
              {target.Name}:
                <<: *{(target.IsGateway ? "gateway" : "service")}
                image: {Image(target.Name)}
                command: [serve, --target, {target.Name}, --quiet]
                environment:
            {Yaml.Lines(6, settings)}
            {Yaml.Lines(4, volumes)}
            """;
    }
}
