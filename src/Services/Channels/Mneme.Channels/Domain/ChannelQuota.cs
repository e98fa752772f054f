using Mneme.Platform.Domain;

namespace Mneme.Channels.Domain;

/// <summary>How many channels one person may have.</summary>
/// <param name="PerPerson">Of all types together.</param>
/// <param name="PerType">Of each type.</param>
internal sealed record ChannelQuota(int PerPerson, int PerType)
{
    /// <returns>Null if there may be one more of the type.</returns>
    public Problem? Refuses(ChannelType type, IReadOnlyDictionary<ChannelType, int> have)
    {
        if (have.Values.Sum() >= PerPerson)
            return Problem.Unprocessable("too-many-channels", $"You have {PerPerson} channels, which is as many as there may be. Delete one that you do not need any more.");
        return have.GetValueOrDefault(type) >= PerType
            ? Problem.Unprocessable("too-many-channels", $"You have {PerType} channels of type {type}, which is as many as there may be. Delete one that you do not need any more.")
            : null;
    }
}
