using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mneme.Platform.Asking;

/// <summary>
/// The part of Consul's HTTP API that is needed (https://developer.hashicorp.com/consul/api-docs): the agent's services and checks, and the health of a service with
/// blocking queries.
/// </summary>
internal sealed class ConsulClient : IDisposable
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Format = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly HttpClient _client;

    public ConsulClient(ConsulOptions options)
    {
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(2) }) { BaseAddress = options.Url, Timeout = Timeout.InfiniteTimeSpan };
        if (options.Token is { Length: > 0 } token)
            _client.DefaultRequestHeaders.Add("X-Consul-Token", token);
    }

    public Task RegisterAsync(ConsulService service, CancellationToken ct) => PutAsync("v1/agent/service/register", service, ct);

    public Task DeregisterAsync(string id, CancellationToken ct) => PutAsync($"v1/agent/service/deregister/{Uri.EscapeDataString(id)}", body: null, ct);

    /// <summary>Gives a sign of life.</summary>
    /// <exception cref="HttpRequestException">With status 404 or 500: the agent has forgotten the check, so the service has to be registered again.</exception>
    public Task UpdateCheckAsync(string checkId, bool isPassing, string output, CancellationToken ct) =>
        PutAsync($"v1/agent/check/update/{Uri.EscapeDataString(checkId)}", new { Status = isPassing ? "passing" : "critical", Output = output }, ct);

    /// <summary>The healthy instances of a service, in the order of their addresses.</summary>
    /// <param name="name">The service's name in Consul.</param>
    /// <param name="scheme">What it speaks: http or https.</param>
    /// <param name="index">Waits for something newer than that; 0 answers at once.</param>
    /// <param name="wait">How long at most.</param>
    /// <param name="ct">Cancels the wait.</param>
    public async Task<(IReadOnlyList<ConsulInstance> Instances, ulong Index)> HealthyAsync(string name, string scheme, ulong index, TimeSpan wait, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        // Consul adds up to a sixteenth of the wait, so that not everybody comes back at once.
        limit.CancelAfter(index == 0 ? CallLimit : wait + wait / 16 + CallLimit);
        var query = index == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"&index={index}&wait={(long)wait.TotalMilliseconds}ms");
        using var response = await _client.GetAsync($"v1/health/service/{Uri.EscapeDataString(name)}?passing=true{query}", limit.Token);
        response.EnsureSuccessStatusCode();
        var entries = await response.Content.ReadFromJsonAsync<IReadOnlyList<HealthEntry>>(Format, limit.Token) ?? [];
        var newest = response.Headers.TryGetValues("X-Consul-Index", out var values) && ulong.TryParse(values.First(), CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        // Consul's order says nothing; in one of our own a list that has not changed looks so.
        return ([.. entries.Select(entry => InstanceOf(entry, scheme)).OfType<ConsulInstance>().Distinct().OrderBy(instance => instance.Address.ToString(), StringComparer.Ordinal)], newest);
    }

    public void Dispose() => _client.Dispose();

    private async Task PutAsync(string path, object? body, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(CallLimit);
        using var content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Format);
        using var response = await _client.PutAsync(path, content, limit.Token);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>A service without an address of its own is at its node's.</summary>
    private static ConsulInstance? InstanceOf(HealthEntry entry, string scheme)
    {
        var host = entry.Service.Address is { Length: > 0 } own ? own : entry.Node.Address;
        if (IPAddress.TryParse(host, out var ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            host = $"[{host}]";
        return Uri.TryCreate(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{entry.Service.Port}"), UriKind.Absolute, out var uri)
            ? new ConsulInstance(uri, entry.Service.Tags?.Contains(ConsulInstance.CanaryTag, StringComparer.OrdinalIgnoreCase) == true)
            : null;
    }

    private sealed record HealthEntry(Node Node, Service Service);

    private sealed record Node(string Address);

    private sealed record Service(string? Address, int Port, IReadOnlyList<string>? Tags);
}

/// <summary>An instance of a service that Consul knows to be healthy.</summary>
/// <param name="Address">Where it answers.</param>
/// <param name="IsCanary">Whether it is tagged as a new version that is being tried out.</param>
internal sealed record ConsulInstance(Uri Address, bool IsCanary)
{
    /// <summary>The tag, as Nomad's users set it with <c>canary_tags</c>.</summary>
    public const string CanaryTag = "canary";
}

/// <summary>A service as the agent is told of it.</summary>
/// <param name="Id">Names this instance.</param>
/// <param name="Name">Names the service.</param>
/// <param name="Address">Where it answers; null for the address of Consul's node.</param>
/// <param name="Port">The port there.</param>
/// <param name="Tags">Marks by which Consul's users choose among instances.</param>
/// <param name="Check">How Consul knows whether it is well.</param>
internal sealed record ConsulService(
    [property: JsonPropertyName("ID")] string Id, string Name, string? Address, int Port, IReadOnlyList<string> Tags, ConsulCheck Check);

/// <param name="CheckId">Names the check when it is updated.</param>
/// <param name="Ttl">After that long without an update the check is critical, in Go's notation, such as 15s.</param>
/// <param name="Status">At first: passing or critical.</param>
/// <param name="DeregisterCriticalServiceAfter">After that long in a critical state Consul forgets the service.</param>
internal sealed record ConsulCheck(
    [property: JsonPropertyName("CheckID")] string CheckId, [property: JsonPropertyName("TTL")] string Ttl, string Status, string DeregisterCriticalServiceAfter);
