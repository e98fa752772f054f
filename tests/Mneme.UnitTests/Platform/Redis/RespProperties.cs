using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Mneme.Platform.Redis.Resp;

namespace Mneme.UnitTests.Platform.Redis;

public sealed class RespProperties
{
    private static readonly Config Repeatable = Config.QuickThrowOnFailure.WithReplay(20_261_121, 7).WithMaxTest(500).WithQuietOnSuccess(true);

    private static readonly Gen<byte[]> Lines = Gen.Elements("abc äöü 0-:+$*%~".ToCharArray()).ArrayOf().Select(chars => Encoding.UTF8.GetBytes(chars));

    private static readonly Gen<byte[]> Texts = Gen.Elements("abc\r\n$5*: €".ToCharArray()).ArrayOf().Select(chars => Encoding.UTF8.GetBytes(chars));

    private static readonly Gen<RespValue> Scalars = Gen.OneOf(
        Gen.Constant(RespValue.Null),
        ArbMap.Default.GeneratorFor<long>().Select(RespValue.Integer),
        ArbMap.Default.GeneratorFor<NormalFloat>().Select(number => RespValue.Double(number.Get)),
        ArbMap.Default.GeneratorFor<bool>().Select(RespValue.Boolean),
        Gen.Elements(RespType.SimpleString, RespType.Error).SelectMany(type => Lines.Select(text => RespValue.Text(type, text))),
        Gen.Elements(RespType.BulkString, RespType.BulkError, RespType.VerbatimString).SelectMany(type => Texts.Select(text => RespValue.Text(type, text))),
        ArbMap.Default.GeneratorFor<System.Numerics.BigInteger>().Select(number => RespValue.Text(RespType.BigNumber, Encoding.ASCII.GetBytes(number.ToString()))));

    private static readonly Gen<(RespValue[] Values, int[] Cuts)> Streams =
        Values(3).ArrayOf().Resize(6).SelectMany(values => Gen.Choose(0, 1_000_000).ArrayOf().Resize(8).Select(cuts => (values, cuts)));

    [Fact]
    public void Whatever_is_encoded_is_read_back_in_any_pieces() => Prop.ForAll(Streams.ToArbitrary(), stream =>
    {
        var text = string.Concat(stream.Values.Select(RespText.Encode));
        var length = Encoding.UTF8.GetByteCount(text);
        var cuts = stream.Cuts.Select(cut => cut % (length + 1)).Order().ToList();
        return RespText.ReadAll(text, null, cuts).SequenceEqual(stream.Values.Select(RespText.Show));
    }).Check(Repeatable);

    [Fact]
    public void Any_bytes_are_read_refused_or_waited_for_and_nothing_else() => Prop.ForAll(
        Gen.Elements("+-:$*%~>|_#,(!=0123tf\r\n".ToCharArray()).ArrayOf().Resize(40).Select(chars => new string(chars).Replace("\n", "\r\n", StringComparison.Ordinal)).ToArbitrary(),
        text =>
        {
            var buffer = new System.Buffers.ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(text));
            var parser = new RespParser(new RespLimits());
            try
            {
                while (parser.TryRead(ref buffer, out _))
                {
                }
            }
            catch (RespProtocolException)
            {
            }

            return buffer.Length <= text.Length;
        }).Check(Repeatable);

    private static Gen<RespValue> Values(int depth) => depth == 0 ? Scalars : Gen.Frequency(
        (3, Scalars),
        (1, Gen.Elements(RespType.Array, RespType.Set, RespType.Push)
            .SelectMany(type => Values(depth - 1).ArrayOf().Resize(4).Select(items => RespValue.Aggregate(type, items)))),
        (1, Values(depth - 1).Two().Select(pair => new[] { pair.Item1, pair.Item2 }).ArrayOf().Resize(3)
            .Select(pairs => RespValue.Aggregate(RespType.Map, [.. pairs.SelectMany(pair => pair)]))));
}
