using System.Collections.Frozen;

namespace Mneme.Language;

/// <summary>Given names, a sign that the capitalised words that follow name a person.</summary>
public static class PersonNames
{
    private static readonly Lazy<FrozenSet<string>> LazyFirstNames = new(() => WordLists.Read("first-names.txt")[""].ToFrozenSet());

    /// <summary>True for a known given name as it is written.</summary>
    public static bool IsFirstName(string word) => LazyFirstNames.Value.Contains(word);
}
