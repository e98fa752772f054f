using System.Diagnostics;
using System.Globalization;
using Mneme.Channels.Domain;

namespace Mneme.UnitTests.Channels;

public sealed class TradingSignalParserTests
{
    /// <summary>Message; symbol, side, entry, targets, stop.</summary>
    public static TheoryData<string, string> Signals => new()
    {
        { "#BTC/USDT LONG\nEntry: 42000 - 42500\nTP1: 43000\nTP2: 44000\nTP3: 45,500\nSL: 41000", "BTC/USDT Long 42000..42500 43000,44000,45500 41000" },
        { "BUY EURUSD @ 1.0850 TP 1.0900 SL 1.0800", "EURUSD Buy 1.0850..1.0850 1.0900 1.0800" },
        { "SELL GOLD NOW 2345-2350\nTP: 2340, 2335\nStop loss 2360", "GOLD Sell 2345..2350 2340,2335 2360" },
        { "XAUUSD SELL LIMIT 2,350.50 tp 2,340 sl 2,360.75", "XAUUSD Sell 2350.50..2350.50 2340 2360.75" },
        { "$ETH short, entry 3200, target 3000, stop 3300", "ETH Short 3200..3200 3000 3300" },
        { "ETH-USDT SHORT entry 3200 targets 3100 3000 2900 stoploss 3300", "ETH/USDT Short 3200..3200 3100,3000,2900 3300" },
        { "BUY STOP GBPJPY 190.10 SL 189.50 TP 191", "GBPJPY Buy 190.10..190.10 191 189.50" },
        { "LONG BTCUSDT\nLeverage: 10x\nEntry 43k\nTake profit 1: 44.5k\nTake profit 2: 46k\nRisk 2%", "BTCUSDT Long 43000..43000 44500.0,46000 -" },
        { "BUY EURUSD market\nSL 1.0800", "EURUSD Buy -..- - 1.0800" },
        { "🚀 #SOL/USDT 🚀 LONG 📈\nTargets:\n1) 110\n2) 120\n3) 130\nStop: 90", "SOL/USDT Long -..- 110,120,130 90" },
        { "EURUSD BUY 1,0850 TP 1,0900 SL 1,0800", "EURUSD Buy 1.0850..1.0850 1.0900 1.0800" },
        { "1000PEPE/USDT LONG entry 0.0123 tp1 0.0130 sl 0.0110", "1000PEPE/USDT Long 0.0123..0.0123 0.0130 0.0110" },
        { "Buy EURUSD at 1.0850, TP1 = 1.0900, TP2 = 1.0950, SL = 1.0800. Good luck, 3 days to go!", "EURUSD Buy 1.0850..1.0850 1.0900,1.0950 1.0800" },
        { "LONG #AVAX entry zone 30-32 tp 35/37/40 sl 28", "AVAX Long 30..32 35,37,40 28" },
        { "SHORT TERM IDEA: BUY EURUSD 1.0850 SL 1.0800", "EURUSD Buy 1.0850..1.0850 - 1.0800" },
    };

    public static TheoryData<string> NoSignals =>
    [
        "",
        "Good morning! Today we learn about rivers.",
        "Buy milk and 3 eggs, target is the supermarket",
        "BTC/USDT LONG",                                                       // neither target nor stop
        "LONG entry 42000 tp 43000",                                           // what?
        "BTC/USDT entry 42000 tp 43000",                                       // which side?
        "BTC/USDT LONG entry 42000 tp 41000 sl 40000",                         // target on the wrong side
        "BTC/USDT LONG entry 42000 tp 43000 sl 42500",                         // stop on the wrong side
        "BTC/USDT SHORT entry 42000 tp 43000",                                 // target on the wrong side
        "BTC/USDT LONG or SHORT entry 42000 tp 43000",                         // both sides
        "BTC/USDT LONG tp 43000 sl 41000\nETH/USDT LONG tp 3300 sl 3000",      // two signals
        "BTC/USDT LONG tp 43000 sl 41000 SL 40000",                            // two stops
        "BUY the dip, TP 10 SL 5",                                             // no symbol
        "BTC/USDT LONG tp 0 sl -5",
    ];

    [Theory]
    [MemberData(nameof(Signals))]
    public void A_signal_is_understood(string text, string expected)
    {
        var signal = TradingSignalParser.Parse(text).ShouldNotBeNull();
        var read = string.Create(CultureInfo.InvariantCulture,
            $"{signal.Symbol} {signal.Side} {Price(signal.EntryFrom)}..{Price(signal.EntryTo)} {(signal.Targets.Count == 0 ? "-" : string.Join(',', signal.Targets.Select(t => Price(t))))} {Price(signal.StopLoss)}");
        read.ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(NoSignals))]
    public void What_is_not_clear_is_no_signal(string text) => TradingSignalParser.Parse(text).ShouldBeNull();

    [Fact]
    public void At_most_ten_targets_are_taken_the_nearest_first()
    {
        var signal = TradingSignalParser.Parse("BTC/USDT LONG entry 100 sl 90 targets " + string.Join(' ', Enumerable.Range(0, 15).Select(i => 200 - i))).ShouldNotBeNull();
        signal.Targets.ShouldBe(Enumerable.Range(186, 10).Select(t => (decimal)t));
    }

    [Fact]
    public void Hostile_text_is_read_in_no_time()
    {
        string[] hostile =
        [
            new('1', TradingSignalParser.MaxLength), string.Concat(Enumerable.Repeat("1,", 2000)), string.Concat(Enumerable.Repeat("BUY ", 1000)), string.Concat(Enumerable.Repeat("A/", 2000)),
            string.Concat(Enumerable.Repeat("#", 4000)), string.Concat(Enumerable.Repeat("BUY STOP LIMIT ", 260)), string.Concat(Enumerable.Repeat("TP 1: ", 600)), "BUY EURUSD SL " + new string('9', 3000),
            string.Concat(Enumerable.Repeat("BUY EURUSD ", 300)), "\ud800\udc00\ud800", new('\n', 4000), string.Concat(Enumerable.Repeat("AT ", 1300)), string.Concat(Enumerable.Repeat("AT EURUSD ", 400)),
        ];
        var start = Stopwatch.GetTimestamp();
        foreach (var text in hostile)
            TradingSignalParser.Parse(text).ShouldBeNull();
        // A backtracking reader takes hours for some of these; this is no measure of speed.
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        TradingSignalParser.Parse("BUY EURUSD 1.0850 SL 1.0800" + new string(' ', TradingSignalParser.MaxLength)).ShouldBeNull();
    }

    [Fact]
    public void Whatever_the_characters_there_is_an_answer()
    {
        var random = new Random(20261121);
        const string Alphabet = "BUYSELLTPSLENTRY#$@/:-.,0123456789 \n%kK";
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Create(random.Next(60), random, (span, r) => r.GetItems(Alphabet.AsSpan(), span));
            if (TradingSignalParser.Parse(text) is { } signal)
                (signal.Targets.Count > 0 || signal.StopLoss is not null).ShouldBeTrue(text);
        }
    }

    private static string Price(decimal? price) => price?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
