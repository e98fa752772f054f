using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mneme.Platform.Redis.Resp;

/// <summary>An argument of a command: bytes, which text and numbers are turned into. There is no quoting: content cannot be taken for commands.</summary>
internal readonly struct RespArgument
{
    private RespArgument(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    public static implicit operator RespArgument(string text) => new(Encoding.UTF8.GetBytes(text));

    public static implicit operator RespArgument(byte[] bytes) => new(bytes);

    public static implicit operator RespArgument(long number) => new(Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
}

/// <summary>A command as it is sent: an array of bulk strings.</summary>
internal sealed class RespCommand
{
    private RespCommand(string name, byte[] encoded) => (Name, Encoded) = (name, encoded);

    /// <summary>For messages: its arguments may be secrets or a person's data.</summary>
    public string Name { get; }

    public ReadOnlyMemory<byte> Encoded { get; }

    public static RespCommand Of(string name, params ReadOnlySpan<RespArgument> arguments)
    {
        RespArgument first = name;
        var length = 32 + first.Bytes.Length;
        foreach (var argument in arguments)
            length += 16 + argument.Bytes.Length;
        var buffer = new ArrayBufferWriter<byte>(length);
        WriteHeader(buffer, '*', arguments.Length + 1);
        WriteBulk(buffer, first);
        foreach (var argument in arguments)
            WriteBulk(buffer, argument);
        return new RespCommand(name, buffer.WrittenSpan.ToArray());
    }

    private static void WriteBulk(ArrayBufferWriter<byte> buffer, RespArgument argument)
    {
        WriteHeader(buffer, '$', argument.Bytes.Length);
        buffer.Write(argument.Bytes);
        buffer.Write("\r\n"u8);
    }

    private static void WriteHeader(ArrayBufferWriter<byte> buffer, char type, int length)
    {
        var span = buffer.GetSpan(16);
        span[0] = (byte)type;
        length.TryFormat(span[1..], out var digits, provider: CultureInfo.InvariantCulture);
        buffer.Advance(1 + digits);
        buffer.Write("\r\n"u8);
    }
}
