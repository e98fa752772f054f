using System.Buffers;
using System.Globalization;
using System.Text;
using Mneme.Platform.Redis.Resp;

namespace Mneme.UnitTests.Platform.Redis;

/// <summary>What the tests of the parser share: an encoder and a printer, both written from the specification and not from the parser.</summary>
internal static class RespText
{
    /// <summary>A value as the specification writes it, for comparing: <c>[1,"a",{k:v}]</c>.</summary>
    public static string Show(RespValue value) => value.Type switch
    {
        RespType.Null => "null",
        RespType.Integer => value.AsInteger().ToString(CultureInfo.InvariantCulture),
        RespType.Double => "d" + value.AsDouble().ToString("R", CultureInfo.InvariantCulture),
        RespType.Boolean => value.AsInteger() == 1 ? "true" : "false",
        RespType.SimpleString => "+" + value.AsString(),
        RespType.Error => "-" + value.AsString(),
        RespType.BulkError => "!" + value.AsString(),
        RespType.BigNumber => "n" + value.AsString(),
        RespType.VerbatimString => "=" + value.AsString(),
        RespType.BulkString => $"\"{value.AsString()}\"",
        RespType.Array => $"[{string.Join(',', value.Items.Select(Show))}]",
        RespType.Set => $"~({string.Join(',', value.Items.Select(Show))})",
        RespType.Push => $">({string.Join(',', value.Items.Select(Show))})",
        RespType.Map => "{" + string.Join(',', value.Items.Chunk(2).Select(pair => $"{Show(pair[0])}:{Show(pair[1])}")) + "}",
        _ => throw new InvalidOperationException("There is no such type."),
    };

    public static string Encode(RespValue value) => value.Type switch
    {
        RespType.Null => "_\r\n",
        RespType.Integer => $":{value.AsInteger()}\r\n",
        RespType.Double => $",{value.AsDouble().ToString("R", CultureInfo.InvariantCulture)}\r\n",
        RespType.Boolean => value.AsInteger() == 1 ? "#t\r\n" : "#f\r\n",
        RespType.SimpleString => $"+{value.AsString()}\r\n",
        RespType.Error => $"-{value.AsString()}\r\n",
        RespType.BigNumber => $"({value.AsString()}\r\n",
        RespType.BulkString => $"${value.Bytes.Length}\r\n{value.AsString()}\r\n",
        RespType.BulkError => $"!{value.Bytes.Length}\r\n{value.AsString()}\r\n",
        RespType.VerbatimString => $"={value.Bytes.Length + 4}\r\ntxt:{value.AsString()}\r\n",
        RespType.Array => $"*{value.Items.Count}\r\n{Encode(value.Items)}",
        RespType.Set => $"~{value.Items.Count}\r\n{Encode(value.Items)}",
        RespType.Push => $">{value.Items.Count}\r\n{Encode(value.Items)}",
        RespType.Map => $"%{value.Items.Count / 2}\r\n{Encode(value.Items)}",
        _ => throw new InvalidOperationException("There is no such type."),
    };

    /// <summary>Reads everything there is, with the bytes arriving in pieces that end at the given places.</summary>
    public static IReadOnlyList<string> ReadAll(string text, RespLimits? limits = null, params IReadOnlyList<int> cuts)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var parser = new RespParser(limits ?? new RespLimits());
        var values = new List<string>();
        ReadOnlySequence<byte> rest = default;
        var from = 0;
        foreach (var to in cuts.Append(bytes.Length))
        {
            rest = Join(rest, bytes.AsMemory(from, to - from));
            from = to;
            while (parser.TryRead(ref rest, out var value))
                values.Add(Show(value));
        }

        rest.Length.ShouldBe(0, "nothing is left");
        return values;
    }

    private static string Encode(IReadOnlyList<RespValue> values) => string.Concat(values.Select(Encode));

    // A segment for each piece, as a pipe has them.
    private static ReadOnlySequence<byte> Join(ReadOnlySequence<byte> rest, ReadOnlyMemory<byte> piece)
    {
        Segment? first = null, last = null;
        foreach (var part in rest)
        {
            last = last is null ? first = new Segment(part, 0) : last.Append(part);
        }

        last = last is null ? first = new Segment(piece, 0) : last.Append(piece);
        return new ReadOnlySequence<byte>(first!, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
