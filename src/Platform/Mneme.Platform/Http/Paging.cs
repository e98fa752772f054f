using System.Buffers.Text;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mneme.Platform.Http;

/// <summary>A page of a list. <c>nextCursor</c> is null on the last one.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor)
{
    /// <summary>Makes a page of up to <paramref name="limit"/> items from a query that asked for one more.</summary>
    public static Page<T> Of(IReadOnlyList<T> itemsAndOneMore, int limit, Func<T, string> cursorAfter) =>
        itemsAndOneMore.Count > limit
            ? new Page<T>([.. itemsAndOneMore.Take(limit)], Cursor.Encode(cursorAfter(itemsAndOneMore[limit - 1])))
            : new Page<T>(itemsAndOneMore, null);
}

/// <summary><c>?limit=&amp;cursor=</c> as a handler's parameter.</summary>
/// <param name="Limit">1 to <see cref="MaxLimit"/>; 20 by default.</param>
/// <param name="After">What the cursor says about the last item seen; null for the first page.</param>
public sealed record PageRequest(int Limit, string? After)
{
    public const int MaxLimit = 100;
    public const int DefaultLimit = 20;

    /// <summary>The cursor as an id, for lists in order of id.</summary>
    public Guid? AfterId => After is null ? null : Guid.TryParse(After, out var id) ? id : throw new BadHttpRequestException("The cursor is not one of this list.");

    public static ValueTask<PageRequest> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var query = context.Request.Query;
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var text) && (!int.TryParse(text, out limit) || limit is < 1 or > MaxLimit))
            throw new BadHttpRequestException($"limit must be a whole number from 1 to {MaxLimit}.");
        var after = query["cursor"].ToString() is { Length: > 0 } cursor
            ? Cursor.Decode(cursor) ?? throw new BadHttpRequestException("The cursor is not one that this server gave.")
            : null;
        return ValueTask.FromResult(new PageRequest(limit, after));
    }
}

/// <summary>Cursors are opaque to callers: the last item's sort key in base64url.</summary>
public static class Cursor
{
    public static string Encode(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    /// <returns>Null if this is no cursor.</returns>
    public static string? Decode(string cursor)
    {
        // Base64Url throws on some malformed input instead of saying no.
        if (cursor.Length > 512 || !Base64Url.IsValid(cursor))
            return null;
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        return text.Contains('\0', StringComparison.Ordinal) || text.Contains('\uFFFD', StringComparison.Ordinal) ? null : text;
    }
}
