using System.Buffers;
using System.Globalization;

namespace Mneme.Platform.Redis.Resp;

/// <summary>What a reply may take at most, so that a hostile or broken server cannot take the process's memory.</summary>
/// <param name="Line">Bytes of a line: simple strings, errors, numbers, lengths.</param>
/// <param name="Bytes">Bytes of all strings of a reply together.</param>
/// <param name="Elements">Elements of all aggregates of a reply together.</param>
/// <param name="Depth">Aggregates in aggregates.</param>
internal sealed record RespLimits(int Line = 64 * 1024, int Bytes = 256 * 1024 * 1024, int Elements = 4_000_000, int Depth = 32);

/// <summary>
/// Reads values out of what has arrived so far. It remembers what it has begun, so that nothing is read twice, however the bytes are divided. Streamed strings and
/// aggregates, which early drafts of RESP3 had and no release of Redis sends, are refused.
/// </summary>
internal sealed class RespParser(RespLimits limits)
{
    private static readonly SearchValues<byte> InDoubles = SearchValues.Create("+-.0123456789eE"u8);

    private readonly Stack<Aggregate> _open = new();
    private (RespType Type, int Length)? _bulk;
    private int _elements;
    private int _bytes;

    private sealed class Aggregate(RespType? type, int length)
    {
        // Grows with what arrives: the announced length is only a claim.
        public List<RespValue> Items { get; } = new(Math.Min(length, 64));

        public int Length => length;

        /// <summary>Null for attributes, which are read over.</summary>
        public RespType? Type => type;
    }

    /// <summary>Takes the next value from the front of the buffer.</summary>
    /// <returns>False if it has not arrived whole; the buffer then begins with what is still needed.</returns>
    /// <exception cref="RespProtocolException">It is malformed or beyond the limits; what follows cannot be read any more.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out RespValue value)
    {
        while (TryReadScalar(ref buffer, out var scalar))
        {
            if (scalar is { } complete && TryFold(complete, out value))
            {
                (_elements, _bytes) = (0, 0);
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Adds a value to the aggregate that it belongs to, and closes what is complete by it.</summary>
    /// <returns>Whether it is, or completes, a value of its own.</returns>
    private bool TryFold(RespValue value, out RespValue whole)
    {
        whole = value;
        while (_open.TryPeek(out var parent))
        {
            parent.Items.Add(whole);
            if (parent.Items.Count < parent.Length)
                return false;
            _open.Pop();
            if (parent.Type is not { } type)
                return false;
            whole = RespValue.Aggregate(type, [.. parent.Items]);
        }

        return true;
    }

    /// <param name="buffer">What has arrived.</param>
    /// <param name="scalar">The value; null if an aggregate was opened, or attributes are over.</param>
    /// <returns>False if more is needed.</returns>
    private bool TryReadScalar(ref ReadOnlySequence<byte> buffer, out RespValue? scalar)
    {
        scalar = null;
        if (_bulk is { } begun)
            return TryReadBulk(ref buffer, begun.Type, begun.Length, out scalar);
        if (!TryReadLine(ref buffer, out var line))
            return false;
        if (line.Length == 0)
            throw new RespProtocolException("A value begins with an empty line.");
        var text = line.AsSpan(1);
        switch (line[0])
        {
            case (byte)'+':
                scalar = Text(RespType.SimpleString, text);
                return true;
            case (byte)'-':
                scalar = Text(RespType.Error, text);
                return true;
            case (byte)':':
                scalar = RespValue.Integer(Number(text));
                return true;
            case (byte)',':
                scalar = RespValue.Double(Double(text));
                return true;
            case (byte)'(':
                scalar = Text(RespType.BigNumber, BigNumber(text));
                return true;
            case (byte)'#':
                scalar = text is [(byte)'t'] ? RespValue.Boolean(true) : text is [(byte)'f'] ? RespValue.Boolean(false) : throw new RespProtocolException("A boolean is neither t nor f.");
                return true;
            case (byte)'_':
                scalar = text.IsEmpty ? RespValue.Null : throw new RespProtocolException("A null has content.");
                return true;
            case (byte)'$':
                return TryOpenBulk(ref buffer, RespType.BulkString, text, out scalar);
            case (byte)'!':
                return TryOpenBulk(ref buffer, RespType.BulkError, text, out scalar);
            case (byte)'=':
                return TryOpenBulk(ref buffer, RespType.VerbatimString, text, out scalar);
            case (byte)'*':
                scalar = Open(RespType.Array, text, 1);
                return true;
            case (byte)'~':
                scalar = Open(RespType.Set, text, 1);
                return true;
            case (byte)'>':
                scalar = Open(RespType.Push, text, 1);
                return true;
            case (byte)'%':
                scalar = Open(RespType.Map, text, 2);
                return true;
            case (byte)'|':
                scalar = Open(null, text, 2);
                return true;
            default:
                throw new RespProtocolException($"No type begins with the byte 0x{line[0]:x2}.");
        }
    }

    private bool TryReadLine(ref ReadOnlySequence<byte> buffer, out byte[] line)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> read, "\r\n"u8))
        {
            line = [];
            return buffer.Length <= limits.Line ? false : throw new RespProtocolException($"A line is longer than {limits.Line} bytes.");
        }

        if (read.Length > limits.Line)
            throw new RespProtocolException($"A line is longer than {limits.Line} bytes.");
        line = read.ToArray();
        buffer = buffer.Slice(reader.Position);
        return true;
    }

    private bool TryOpenBulk(ref ReadOnlySequence<byte> buffer, RespType type, ReadOnlySpan<byte> header, out RespValue? scalar)
    {
        if (type == RespType.BulkString && header is [(byte)'-', (byte)'1'])
        {
            scalar = RespValue.Null;
            return true;
        }

        var length = Length(header, limits.Bytes, "A string");
        Claim(length);
        _bulk = (type, length);
        return TryReadBulk(ref buffer, type, length, out scalar);
    }

    private bool TryReadBulk(ref ReadOnlySequence<byte> buffer, RespType type, int length, out RespValue? scalar)
    {
        scalar = null;
        if (buffer.Length < length + 2L)
            return false;
        var bytes = buffer.Slice(0, length).ToArray();
        if (!buffer.Slice(length, 2).ToArray().AsSpan().SequenceEqual("\r\n"u8))
            throw new RespProtocolException("A string does not end where its length says.");
        buffer = buffer.Slice(length + 2);
        _bulk = null;
        if (type == RespType.VerbatimString)
            bytes = bytes is [_, _, _, (byte)':', .. var content] ? content : throw new RespProtocolException("A verbatim string does not name its format.");
        scalar = RespValue.Text(type, bytes);
        return true;
    }

    /// <returns>The value, if it is one already; null if its elements are to follow.</returns>
    private RespValue? Open(RespType? type, ReadOnlySpan<byte> header, int itemsPerElement)
    {
        if (type == RespType.Array && header is [(byte)'-', (byte)'1'])
            return RespValue.Null;
        var length = Length(header, limits.Elements / itemsPerElement, "An aggregate") * itemsPerElement;
        _elements += length;
        if (_elements > limits.Elements)
            throw new RespProtocolException($"A reply has more than {limits.Elements} elements.");
        if (length == 0)
            return type is { } empty ? RespValue.Aggregate(empty, []) : null;
        if (_open.Count == limits.Depth)
            throw new RespProtocolException($"A reply is nested deeper than {limits.Depth} levels.");
        _open.Push(new Aggregate(type, length));
        return null;
    }

    private RespValue Text(RespType type, ReadOnlySpan<byte> text)
    {
        Claim(text.Length);
        return RespValue.Text(type, text.ToArray());
    }

    private void Claim(int bytes)
    {
        if (bytes > limits.Bytes - _bytes)
            throw new RespProtocolException($"A reply is larger than {limits.Bytes} bytes.");
        _bytes += bytes;
    }

    private static int Length(ReadOnlySpan<byte> header, int limit, string what)
    {
        if (!int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            throw new RespProtocolException($"{what} has no valid length.");
        return length <= limit ? length : throw new RespProtocolException($"{what} of length {length} is longer than {limit}.");
    }

    private static long Number(ReadOnlySpan<byte> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new RespProtocolException("A number is not one, or has more than 64 bits.");

    private static double Double(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("inf"u8) || text.SequenceEqual("+inf"u8))
            return double.PositiveInfinity;
        if (text.SequenceEqual("-inf"u8))
            return double.NegativeInfinity;
        if (text.SequenceEqual("nan"u8) || text.SequenceEqual("-nan"u8))
            return double.NaN;
        return text.IndexOfAnyExcept(InDoubles) < 0
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            ? number : throw new RespProtocolException("A double is not one.");
    }

    private static ReadOnlySpan<byte> BigNumber(ReadOnlySpan<byte> text)
    {
        var digits = text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text;
        return !digits.IsEmpty && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 ? text : throw new RespProtocolException("A big number is not one.");
    }
}
