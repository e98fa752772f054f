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
/// (draft-ietf-httpapi-ratelimit-headers-10).
/// </summary>
internal sealed class RateLimiting(RequestDelegate next, HttpOptions options, IRateLimits limits)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Policy _users = new(new RateLimit("user", options.RequestsPerMinutePerUser, Window));
    private readonly Policy _addresses = new(new RateLimit("address", options.RequestsPerMinutePerAddress, Window));

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<UnlimitedMetadata>() is not null)
        {
            await next(context);
            return;
        }

        var (policy, key) = context.User is ActorPrincipal { Actor: var actor }
            ? (_users, Key(actor.UserId))
            : (_addresses, Key(context.Connection.RemoteIpAddress));
        var decision = await limits.TakeAsync(policy.Limit, key, context.RequestAborted);
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = policy.Header;
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{policy.Limit.Name}\";r={decision.Remaining};t={decision.ResetSeconds}");
        if (decision.IsAllowed)
        {
            await next(context);
            return;
        }

        await OutcomeResult.Of(Problem.TooManyRequests(
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

    private sealed class Policy(RateLimit limit)
    {
        public RateLimit Limit => limit;

        public StringValues Header { get; } = string.Create(CultureInfo.InvariantCulture, $"\"{limit.Name}\";q={limit.Quota};w={(int)limit.Window.TotalSeconds}");
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
