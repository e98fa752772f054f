using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Mneme.Identity.Domain;
using Mneme.Platform;

namespace Mneme.Identity.Infrastructure;

/// <summary>Where a request comes from, as a handler's parameter: nothing of it proves who somebody is.</summary>
internal sealed class Caller
{
    private const string DeviceCookie = "mneme_device";

    private readonly HttpContext _http;

    private Caller(HttpContext http) => _http = http;

    /// <summary>The network address.</summary>
    public string Address => _http.Connection.RemoteIpAddress is { } ip ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : "unknown";

    /// <summary>The address that attempts are counted for: an IPv6 network of /64 is one household, whose devices choose the rest freely.</summary>
    public string Network
    {
        get
        {
            if (_http.Connection.RemoteIpAddress is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ip)
                return Address;
            var bytes = ip.GetAddressBytes();
            bytes.AsSpan(8).Clear();
            return $"{new IPAddress(bytes)}/64";
        }
    }

    public string? UserAgent
    {
        get
        {
            var text = _http.Request.Headers.UserAgent.ToString();
            return text.Length == 0 ? null : text.Cut(Session.MaxUserAgent);
        }
    }

    /// <summary>The device token that an earlier sign-in left with the browser.</summary>
    public string? DeviceToken => _http.Request.Cookies.TryGetValue(DeviceCookie, out var token) && token.Length <= SecretToken.MaxLength ? token : null;

    /// <summary>The <c>Idempotency-Key</c>, hashed.</summary>
    public byte[]? RetryKey => _http.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 and <= 255 } key ? SecretToken.HashOf(key) : null;

    /// <summary>The language that the caller likes best of those that exist.</summary>
    public string? Locale => StringWithQualityHeaderValue.TryParseList(_http.Request.Headers.AcceptLanguage, out var languages)
        ? languages.Where(l => l.Quality is null or > 0).OrderByDescending(l => l.Quality ?? 1).Select(l => Locales.Parse(l.Value.ToString())).FirstOrDefault(l => l is not null)
        : null;

    /// <summary>Leaves the device token with a browser. Other clients find it in the answer.</summary>
    public void Remember(string deviceToken) => _http.Response.Cookies.Append(DeviceCookie, deviceToken, new CookieOptions
    {
        HttpOnly = true,
        IsEssential = true,
        SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Strict,
        Secure = _http.Request.IsHttps,
        Path = "/api/v1/auth",
        MaxAge = KnownDevice.Lifetime,
    });

    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult<Caller?>(new Caller(context));
}
