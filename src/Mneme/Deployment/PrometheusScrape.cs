namespace Mneme.Deployment;

/// <summary>Prometheus' configuration for the installation of <c>compose.yaml</c>.</summary>
internal static class PrometheusScrape
{
    public static string Write(IReadOnlyList<DeploymentTarget> targets) =>
        $"""
        # Written by `{DeploymentFiles.Command}`.
        global:
          scrape_interval: 15s
          evaluation_interval: 15s

        rule_files:
          - alerts.yml

        scrape_configs:
          # Every address behind a name is an instance, so `docker compose up --scale study=3` needs no change here.
          - job_name: mneme
            dns_sd_configs:
              - type: A
                port: {DeploymentTarget.ManagementPort}
                refresh_interval: 15s
                names:
        {Yaml.Lines(10, targets.Select(target => $"- {target.Name}"))}
            relabel_configs:
              - source_labels: [__meta_dns_name]
                target_label: target
          - job_name: rabbitmq
            static_configs:
              - targets: ["rabbitmq:15692"]

        """;
}
