using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Mneme.Platform.Security;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Mneme.Gateway;

/// <summary>
/// Gives a share of the people the new version of a service. Who gets it follows from the user's id, or the address of those who are not signed in, so that one person
/// stays on one version and every gateway decides alike. Where one version has no healthy destination, the other serves its people too.
/// </summary>
internal sealed class CanaryBalancing : ILoadBalancingPolicy
{
    public const string PolicyName = "Canary";

    /// <summary>Metadata of a cluster: percent of the people, 0 to 100.</summary>
    public const string WeightMetadata = "Canary.Weight";

    private const string Mark = "Canary";
    private const int Buckets = 10_000;

    /// <summary>Metadata of a destination that runs the new version.</summary>
    public static IReadOnlyDictionary<string, string> Marked { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { [Mark] = "true" };

    public string Name => PolicyName;

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var weight = double.Parse(cluster.Model.Config.Metadata![WeightMetadata], CultureInfo.InvariantCulture);
        var isChosen = IsChosen(cluster.ClusterId, PersonOf(context), weight);
        var side = availableDestinations.Where(destination => IsCanary(destination) == isChosen).ToList();
        return LessBusy(side.Count > 0 ? side : availableDestinations);
    }

    /// <summary>Whether a person gets the new version.</summary>
    /// <param name="service">Part of the hash, so that it is not always the same people who try things out.</param>
    /// <param name="person">A user's id or a network.</param>
    /// <param name="percent">0 to 100.</param>
    public static bool IsChosen(string service, UInt128 person, double percent)
    {
        // FNV-1a over the service's name, mixed by the finalizer of SplitMix64: a hash that is the same in every process, which GetHashCode is not.
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var c in Encoding.UTF8.GetBytes(service))
            hash = (hash ^ c) * 1_099_511_628_211UL;
        hash = Mix(Mix(hash ^ (ulong)person) ^ (ulong)(person >> 64));
        return hash % Buckets < percent / 100 * Buckets;
    }

    private static UInt128 PersonOf(HttpContext context) =>
        context.User is ActorPrincipal { Actor: var actor } ? new UInt128(High(actor.UserId.ToByteArray()), Low(actor.UserId.ToByteArray())) : NetworkOf(context.Connection.RemoteIpAddress);

    /// <summary>An IPv4 address, or the /64 network of an IPv6 one, whose devices change the rest as they like.</summary>
    private static UInt128 NetworkOf(IPAddress? address)
    {
        if (address is null)
            return 0;
        var bytes = new byte[16];
        (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out _);
        return new UInt128(High(bytes), address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6 ? Low(bytes) : 0);
    }

    private static ulong High(byte[] bytes) => BitConverter.ToUInt64(bytes, 0);

    private static ulong Low(byte[] bytes) => BitConverter.ToUInt64(bytes, 8);

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    private static bool IsCanary(DestinationState destination) => destination.Model.Config.Metadata?.ContainsKey(Mark) == true;

    /// <summary>Of two at random the one with fewer requests under way: close to the best choice, without all choosing the same.</summary>
    private static DestinationState? LessBusy(IReadOnlyList<DestinationState> destinations)
    {
        if (destinations.Count <= 1)
            return destinations.Count == 0 ? null : destinations[0];
#pragma warning disable CA5394 // Nobody gains by guessing which instance is next.
        var first = Random.Shared.Next(destinations.Count);
        var second = (first + 1 + Random.Shared.Next(destinations.Count - 1)) % destinations.Count;
#pragma warning restore CA5394
        return destinations[first].ConcurrentRequestCount <= destinations[second].ConcurrentRequestCount ? destinations[first] : destinations[second];
    }
}
