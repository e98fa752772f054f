namespace Mneme.Ai.Domain;

/// <summary>Prices per million tokens. A unit of currency per million tokens is a millionth of a unit per token.</summary>
internal readonly record struct TokenPrice(decimal Input, decimal Output)
{
    /// <summary>Cost in millionths of the currency, rounded up.</summary>
    public long Micros(TokenUsage usage) => (long)Math.Ceiling(usage.InputTokens * Input + usage.OutputTokens * Output);
}

/// <summary>Tokens of one or more calls.</summary>
internal readonly record struct TokenUsage(long InputTokens, long OutputTokens)
{
    public long Total => InputTokens + OutputTokens;
}
