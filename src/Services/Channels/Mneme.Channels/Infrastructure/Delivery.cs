using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Mneme.Channels.Infrastructure;

/// <summary>What a sender delivers, as a handler's parameter: the body byte for byte as it was signed, and the headers that vouch for it.</summary>
/// <param name="Body">At most <see cref="ChannelsOptions.MaxDeliveryBytes"/>; read before any transaction begins, so that who sends slowly holds no connection.</param>
/// <param name="Headers">As they came.</param>
internal sealed record Delivery(byte[] Body, IHeaderDictionary Headers)
{
    /// <summary>A header that is there once; empty otherwise.</summary>
    public string Header(string name) => Headers[name] is { Count: 1 } values ? values.ToString() : "";

    public static async ValueTask<Delivery?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        // Kestrel refuses what is larger with 413: by the length that is announced before it reads, else while it reads.
        var limit = context.RequestServices.GetRequiredService<ChannelsOptions>().MaxDeliveryBytes;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return new Delivery(body.ToArray(), context.Request.Headers);
    }
}
