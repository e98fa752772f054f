using System.Collections.Frozen;

namespace Mneme.Language;

/// <summary>Names that betray their kind: given names, after which capitalised words name a person, and well-known places.</summary>
public static class ProperNames
{
    private static readonly Lazy<FrozenSet<string>> LazyFirstNames = new(() => WordLists.Read("first-names.txt")[""].ToFrozenSet());
    private static readonly Lazy<FrozenSet<string>> LazyPlaces = new(() => WordLists.Read("places.txt")[""].ToFrozenSet());

    /// <summary>True for a known given name as it is written.</summary>
    public static bool IsFirstName(string word) => LazyFirstNames.Value.Contains(word);

    /// <summary>True for the name of a well-known place as it is written.</summary>
    public static bool IsPlace(string word) => LazyPlaces.Value.Contains(word);
}
