namespace Mneme.Channels.Domain;

/// <summary>
/// Understands messages such as <c>#BTC/USDT LONG, entry 42000-42500, TP1 43000, TP2 44000, SL 41000</c>. Read by hand in one pass, so that no text, however hostile, takes
/// longer than its length; strict, so that what could be read in two ways is not read at all.
/// </summary>
internal sealed class TradingSignalParser
{
    /// <summary>Signals are short. What is longer is an article, whatever numbers it mentions.</summary>
    public const int MaxLength = 4_000;

    private enum Field
    {
        None,
        Entry,
        Target,
        Stop,
    }

    private static readonly HashSet<string> OrderWords = new(StringComparer.Ordinal) { "LIMIT", "MARKET", "NOW", "STOP", "SIGNAL", "ORDER", "SETUP", "ZONE", "PRICE", "AT" };

    private static readonly HashSet<string> QuoteCurrencies = new(StringComparer.Ordinal) { "USDT", "USDC", "USD", "BUSD", "EUR", "GBP", "JPY", "CHF", "BTC", "ETH" };

    private readonly List<SignalToken> _tokens;
    private readonly List<decimal> _entries = [];
    private readonly List<decimal> _targets = [];
    private decimal? _stop;
    private TradeSide? _side;
    private string? _symbol;
    private Field _field;
    private bool _isContradictory;

    private TradingSignalParser(List<SignalToken> tokens) => _tokens = tokens;

    /// <returns>Null if the text proposes no trade, or more than one, or contradicts itself.</returns>
    public static TradingSignal? Parse(string text) => text.Length > MaxLength ? null : new TradingSignalParser(SignalTokens.Of(text)).Read();

    private TradingSignal? Read()
    {
        for (var i = 0; i < _tokens.Count; i++)
        {
            switch (_tokens[i].Kind)
            {
                case SignalTokenKind.Word:
                    i = ReadWord(i);
                    break;
                case SignalTokenKind.Price:
                    TakePrice(i);
                    break;
                case SignalTokenKind.Mark when _tokens[i].Text == "@":
                    _field = Field.Entry;
                    break;
                case SignalTokenKind.EndOfLine when _field == Field.Entry && _entries.Count > 0 || _field == Field.Stop:
                    // Targets may stand on lines of their own; entry and stop do not go on.
                    _field = Field.None;
                    break;
            }
        }

        return _isContradictory || _symbol is null || _side is not { } side ? null : TradingSignal.Of(_symbol, side, _entries, _targets, _stop);
    }

    /// <returns>Index of the last token that was read.</returns>
    private int ReadWord(int i)
    {
        var word = _tokens[i].Text;
        if (SideOf(word) is { } side && !Follows(i, "TERM"))
        {
            TakeSide(side);
            // "BUY STOP" and "SELL LIMIT" are kinds of orders.
            while (WordAt(i + 1) is { } next && OrderWords.Contains(next))
                i++;
            return i;
        }

        if (SymbolAt(i) is ({ } symbol, var last))
        {
            TakeSymbol(symbol);
            return last;
        }

        _field = FieldOf(word) ?? (OrderWords.Contains(word) || word is "PROFIT" or "LOSS" ? _field : Field.None);
        return i;
    }

    private void TakeSide(TradeSide side)
    {
        _isContradictory |= _side is { } known && IsRising(known) != IsRising(side);
        _side ??= side;
        _field = _entries.Count == 0 ? Field.Entry : Field.None;
    }

    private void TakeSymbol(string symbol)
    {
        _isContradictory |= _symbol is not null && _symbol != symbol;
        _symbol = symbol;
        _field = _entries.Count == 0 ? Field.Entry : Field.None;
    }

    private void TakePrice(int i)
    {
        var price = _tokens[i].Price;
        // "-5" is a difference and not a price; "43000-44000" is a range.
        _isContradictory |= _field != Field.None && _tokens[i].IsAttached && i > 0 && _tokens[i - 1] is { Kind: SignalTokenKind.Mark, Text: "-", IsAttached: false };
        switch (_field)
        {
            case Field.Entry:
                _entries.Add(price);
                break;
            case Field.Target when !IsNumbering(i):
                _targets.Add(price);
                break;
            case Field.Stop:
                _isContradictory |= _stop is not null && _stop != price;
                _stop = price;
                _field = Field.None;
                break;
        }
    }

    /// <summary>The 1 in "TP 1: 43000" and in "1) 43000" counts the targets; a price does not stand before such a mark.</summary>
    private bool IsNumbering(int i) =>
        _tokens[i] is { Text.Length: <= 2, Price: <= TradingSignal.MaxTargets } && i + 1 < _tokens.Count
        && (_tokens[i + 1] is { Kind: SignalTokenKind.Mark, Text: ":" or ")" or "=" or "-" or "–" } || _tokens[i + 1].Kind == SignalTokenKind.Price && _tokens[i].Price == _targets.Count + 1);

    /// <summary><c>#GOLD</c>, <c>BTC/USDT</c>, or a word in capitals right before or after the side.</summary>
    private (string? Symbol, int Last) SymbolAt(int i)
    {
        if (!_tokens[i].IsCapitals || _tokens[i].Text.Length is < 2 or > 15 || IsKeyword(_tokens[i].Text))
            return (null, i);
        var word = _tokens[i].Text;
        if (i + 2 < _tokens.Count && _tokens[i + 1] is { Kind: SignalTokenKind.Mark, Text: "/" or "-" or "_" } && _tokens[i + 2] is { Kind: SignalTokenKind.Word, IsCapitals: true } quote
            && (_tokens[i + 1].Text == "/" || QuoteCurrencies.Contains(quote.Text)) && quote.Text.Length <= 6)
            return ($"{word}/{quote.Text}", i + 2);
        var isTagged = i > 0 && _tokens[i].IsAttached && _tokens[i - 1] is { Kind: SignalTokenKind.Mark, Text: "#" or "$" };
        var isBesideSide = word.Length >= 3 && (_side is not null && _symbol is null && ComesAfterSide(i) || WordAt(i + 1) is { } next && SideOf(next) is not null && !Follows(i + 1, "TERM"));
        return isTagged || isBesideSide ? (word, i) : (null, i);
    }

    private bool ComesAfterSide(int i)
    {
        for (i--; i >= 0 && _tokens[i].Kind is SignalTokenKind.Word or SignalTokenKind.Mark; i--)
        {
            if (_tokens[i].Kind == SignalTokenKind.Word)
            {
                if (SideOf(_tokens[i].Text) is not null)
                    return true;
                if (!OrderWords.Contains(_tokens[i].Text))
                    return false;
            }
        }

        return false;
    }

    private bool Follows(int i, string word) => WordAt(i + 1) == word;

    private string? WordAt(int i) => i < _tokens.Count && _tokens[i].Kind == SignalTokenKind.Word ? _tokens[i].Text : null;

    private static bool IsRising(TradeSide side) => side is TradeSide.Buy or TradeSide.Long;

    private static bool IsKeyword(string word) => SideOf(word) is not null || FieldOf(word) is not null || OrderWords.Contains(word);

    private static TradeSide? SideOf(string word) => word switch
    {
        "BUY" => TradeSide.Buy,
        "SELL" => TradeSide.Sell,
        "LONG" => TradeSide.Long,
        "SHORT" => TradeSide.Short,
        _ => null,
    };

    private static Field? FieldOf(string word) => word.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9') switch
    {
        "ENTRY" or "ENTER" or "ENTRIES" => Field.Entry,
        "TP" or "TARGET" or "TARGETS" or "TAKE" => Field.Target,
        "SL" or "STOP" or "STOPLOSS" => Field.Stop,
        _ => null,
    };
}
