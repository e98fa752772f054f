using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Mneme.Platform.Domain;
using Mneme.Platform.Security;

namespace Mneme.Platform.Http;

/// <summary>
/// Limits how often one signed-in user, or one network address without a valid token, may call, and says so in <c>RateLimit</c> and <c>RateLimit-Policy</c>
/// (draft-ietf-httpapi-ratelimit-headers-10). Counts are this process's own.
/// </summary>
internal sealed class RateLimiting(RequestDelegate next, HttpOptions options, TimeProvider time)
{
    private const int Capacity = 50_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Limit _users = new("user", options.RequestsPerMinutePerUser, time);
    private readonly Limit _addresses = new("address", options.RequestsPerMinutePerAddress, time);

    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<UnlimitedMetadata>() is not null)
            return next(context);
        var (limit, key) = context.User is ActorPrincipal { Actor: var actor }
            ? (_users, Key(actor.UserId))
            : (_addresses, Key(context.Connection.RemoteIpAddress));
        var decision = limit.Table.Take(key);
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = limit.Policy;
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";r={decision.Remaining};t={decision.ResetSeconds}");
        return decision.IsAllowed
            ? next(context)
            : OutcomeResult.Of(Problem.TooManyRequests(
                TimeSpan.FromSeconds(decision.RetryAfterSeconds), "Too many requests in a short time. Wait as long as Retry-After says, in seconds.")).ExecuteAsync(context);
    }

    private static UInt128 Key(Guid userId)
    {
        Span<byte> bytes = stackalloc byte[16];
        userId.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }

    /// <summary>An IPv4 address, or the /64 network of an IPv6 one: whoever has one address of it has all.</summary>
    internal static UInt128 Key(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        if (address is not null && address.TryWriteBytes(bytes, out var length) && length == 16)
            bytes[8..].Clear();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private sealed class Limit(string name, int perMinute, TimeProvider time)
    {
        public string Name => name;

        public RateLimits Table { get; } = new(perMinute, Window, Capacity, time);

        public StringValues Policy { get; } = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={perMinute};w={(int)Window.TotalSeconds}");
    }
}

/// <summary>Metadata: the operation is not counted, as probes of a load balancer must not be.</summary>
internal sealed class UnlimitedMetadata;

internal static class RateLimitingConventions
{
    public static TBuilder Unlimited<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new UnlimitedMetadata()));
        return builder;
    }
}
