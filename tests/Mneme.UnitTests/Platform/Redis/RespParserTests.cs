using Mneme.Platform.Redis.Resp;

namespace Mneme.UnitTests.Platform.Redis;

/// <summary>Replies as https://redis.io/docs/latest/develop/reference/protocol-spec/ shows them.</summary>
public sealed class RespParserTests
{
    public static TheoryData<string, string> Examples { get; } = new()
    {
        { "+OK\r\n", "+OK" },
        { "+\r\n", "+" },
        { "-ERR unknown command 'asdf'\r\n", "-ERR unknown command 'asdf'" },
        { ":0\r\n", "0" },
        { ":+1000\r\n", "1000" },
        { ":-9223372036854775808\r\n", "-9223372036854775808" },
        { "$5\r\nhello\r\n", "\"hello\"" },
        { "$0\r\n\r\n", "\"\"" },
        { "$4\r\na\r\nb\r\n", "\"a\r\nb\"" },
        { "$-1\r\n", "null" },
        { "*-1\r\n", "null" },
        { "_\r\n", "null" },
        { "*0\r\n", "[]" },
        { "*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n", "[\"hello\",\"world\"]" },
        { "*3\r\n$5\r\nhello\r\n$-1\r\n$5\r\nworld\r\n", "[\"hello\",null,\"world\"]" },
        { "*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n", "[[1,2,3],[+Hello,-World]]" },
        { "*3\r\n*0\r\n%0\r\n~0\r\n", "[[],{},~()]" },
        { "#t\r\n", "true" },
        { "#f\r\n", "false" },
        { ",1.23\r\n", "d1.23" },
        { ",10\r\n", "d10" },
        { ",-1.5e3\r\n", "d-1500" },
        { ",inf\r\n", "dInfinity" },
        { ",-inf\r\n", "d-Infinity" },
        { ",nan\r\n", "dNaN" },
        { "(3492890328409238509324850943850943825024385\r\n", "n3492890328409238509324850943850943825024385" },
        { "(-12\r\n", "n-12" },
        { "!21\r\nSYNTAX invalid syntax\r\n", "!SYNTAX invalid syntax" },
        { "=15\r\ntxt:Some string\r\n", "=Some string" },
        { "%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n", "{+first:1,+second:2}" },
        { "~5\r\n+orange\r\n+apple\r\n#t\r\n:100\r\n:999\r\n", "~(+orange,+apple,true,100,999)" },
        { ">3\r\n+message\r\n+somechannel\r\n+this is the message\r\n", ">(+message,+somechannel,+this is the message)" },
        { "|1\r\n+key-popularity\r\n%2\r\n$1\r\na\r\n,0.1923\r\n$1\r\nb\r\n,0.0012\r\n*2\r\n:2039123\r\n:9543892\r\n", "[2039123,9543892]" },
        { "*3\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n:3600\r\n:3\r\n", "[1,2,3]" },
        { "|0\r\n+OK\r\n", "+OK" },
        { "$5\r\nKäse\r\n", "\"Käse\"" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_type_is_read_however_its_bytes_are_divided(string text, string expected)
    {
        var twice = text + text;
        var length = System.Text.Encoding.UTF8.GetByteCount(twice);

        RespText.ReadAll(twice).ShouldBe([expected, expected]);
        RespText.ReadAll(twice, null, [.. Enumerable.Range(1, length - 1)]).ShouldBe([expected, expected], "each byte alone");
        for (var cut = 1; cut < length; cut++)
            RespText.ReadAll(twice, null, cut).ShouldBe([expected, expected], $"in two pieces, cut at {cut}");
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("hello\r\n")]
    [InlineData(":\r\n")]
    [InlineData(":1 \r\n")]
    [InlineData(":12a\r\n")]
    [InlineData(":9223372036854775808\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$+5\r\nhello\r\n")]
    [InlineData("$ 5\r\nhello\r\n")]
    [InlineData("$\r\n")]
    [InlineData("$5\r\nhello!\r\n")]
    [InlineData("$99999999999\r\n")]
    [InlineData("*-2\r\n")]
    [InlineData("%-1\r\n")]
    [InlineData("~-1\r\n")]
    [InlineData("!-1\r\n")]
    [InlineData("=-1\r\n")]
    [InlineData("=3\r\ntxt\r\n")]
    [InlineData("=5\r\ntext:\r\n")]
    [InlineData("#\r\n")]
    [InlineData("#true\r\n")]
    [InlineData("_null\r\n")]
    [InlineData(",\r\n")]
    [InlineData(",Infinity\r\n")]
    [InlineData(",1,5\r\n")]
    [InlineData("(\r\n")]
    [InlineData("(-\r\n")]
    [InlineData("(1.5\r\n")]
    [InlineData("$?\r\n;4\r\nHell\r\n;0\r\n")]
    [InlineData("*?\r\n:1\r\n.\r\n")]
    public void What_is_malformed_or_streamed_is_refused(string text) => Should.Throw<RespProtocolException>(() => RespText.ReadAll(text));

    [Theory]
    [InlineData("+0123456789abcdefg")] // no end of line, and none will be waited for
    [InlineData("+0123456789abcdefg\r\n")]
    [InlineData("$65\r\n")]
    [InlineData("*2\r\n$40\r\n0123456789012345678901234567890123456789\r\n$40\r\n")]
    [InlineData("*2\r\n+0123456789\r\n$60\r\n")]
    [InlineData("*9\r\n")]
    [InlineData("*2147483647\r\n")]
    [InlineData("%5\r\n")]
    [InlineData("|5\r\n")]
    [InlineData("*2\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n*3\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n")]
    [InlineData("|1\r\n*1\r\n%1\r\n~1\r\n")]
    public void What_is_larger_than_the_limits_is_refused_as_soon_as_it_is_announced(string text) =>
        Should.Throw<RespProtocolException>(() => RespText.ReadAll(text, new RespLimits(Line: 16, Bytes: 64, Elements: 8, Depth: 3)));

    [Fact]
    public void What_just_fits_is_read_and_each_reply_has_the_limits_anew()
    {
        var text = "*1\r\n*1\r\n*1\r\n$30\r\n012345678901234567890123456789\r\n";

        RespText.ReadAll(text + text + text, new RespLimits(Line: 16, Bytes: 64, Elements: 3, Depth: 3)).Count.ShouldBe(3);
    }

    [Fact]
    public void An_announced_length_takes_no_memory()
    {
        var parser = new RespParser(new RespLimits());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var buffer = new System.Buffers.ReadOnlySequence<byte>("*4000000\r\n"u8.ToArray());
        parser.TryRead(ref buffer, out _).ShouldBeFalse();
        buffer = new System.Buffers.ReadOnlySequence<byte>("$200000000\r\n"u8.ToArray());
        parser.TryRead(ref buffer, out _).ShouldBeFalse();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
    }
}
