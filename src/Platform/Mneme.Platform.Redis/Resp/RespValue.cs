using System.Globalization;
using System.Text;

namespace Mneme.Platform.Redis.Resp;

/// <summary>The types of RESP3, of which those of RESP2 are a part.</summary>
internal enum RespType
{
    Null,
    SimpleString,
    Error,
    Integer,
    BulkString,
    Array,
    Double,
    Boolean,
    BulkError,
    VerbatimString,
    BigNumber,
    Map,
    Set,
    Push,
}

/// <summary>
/// A value as a server sent it (https://redis.io/docs/latest/develop/reference/protocol-spec/). Attributes are read over: clients may ignore them.
/// </summary>
internal readonly struct RespValue
{
    private readonly object? _content;
    private readonly long _bits;

    private RespValue(RespType type, object? content, long bits) => (Type, _content, _bits) = (type, content, bits);

    public RespType Type { get; }

    public bool IsNull => Type == RespType.Null;

    public bool IsError => Type is RespType.Error or RespType.BulkError;

    public static RespValue Null => default;

    public static RespValue Integer(long value) => new(RespType.Integer, null, value);

    public static RespValue Double(double value) => new(RespType.Double, null, BitConverter.DoubleToInt64Bits(value));

    public static RespValue Boolean(bool value) => new(RespType.Boolean, null, value ? 1 : 0);

    public static RespValue Text(RespType type, byte[] bytes) => new(type, bytes, 0);

    /// <param name="type">Array, set, push, or map.</param>
    /// <param name="items">The elements; of a map, each key followed by its value.</param>
    public static RespValue Aggregate(RespType type, RespValue[] items) => new(type, items, 0);

    /// <summary>The bytes of a string, an error or a big number.</summary>
    /// <exception cref="RespProtocolException">It is something else.</exception>
    public byte[] Bytes => _content as byte[] ?? throw Unexpected("a string");

    /// <summary>The elements of an array, set, push or map; of a map, each key followed by its value.</summary>
    /// <exception cref="RespProtocolException">It is something else.</exception>
    public IReadOnlyList<RespValue> Items => _content as RespValue[] ?? throw Unexpected("an array");

    /// <exception cref="RespProtocolException">It is neither a string nor a number.</exception>
    public string AsString() => Type switch
    {
        RespType.Integer => _bits.ToString(CultureInfo.InvariantCulture),
        RespType.Double => AsDouble().ToString("R", CultureInfo.InvariantCulture),
        _ => Encoding.UTF8.GetString(Bytes),
    };

    /// <exception cref="RespProtocolException">It is no whole number of 64 bits.</exception>
    public long AsInteger() =>
        Type is RespType.Integer or RespType.Boolean ? _bits
        : _content is byte[] text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Unexpected("a whole number");

    /// <exception cref="RespProtocolException">It is no number.</exception>
    public double AsDouble() =>
        Type == RespType.Double ? BitConverter.Int64BitsToDouble(_bits)
        : Type == RespType.Integer ? _bits
        : _content is byte[] text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw Unexpected("a number");

    /// <summary>The value of a key, in a map or in the flat array that RESP2 has instead; null if there is no such key.</summary>
    /// <exception cref="RespProtocolException">It is no map.</exception>
    public RespValue this[string key]
    {
        get
        {
            var items = Items;
            for (var i = 0; i + 1 < items.Count; i += 2)
            {
                if (items[i].AsString() == key)
                    return items[i + 1];
            }

            return Null;
        }
    }

    // Never the content: it may be a person's.
    public override string ToString() => _content switch
    {
        byte[] bytes => $"{Type} of {bytes.Length} bytes",
        RespValue[] items => $"{Type} of {items.Length} elements",
        _ => Type.ToString(),
    };

    private RespProtocolException Unexpected(string expected) => new($"Redis answered with a {this} where {expected} was expected.");
}
