namespace Mneme.IntegrationTests.Support;

/// <summary>
/// A kind of thing that people have at a service, as <see cref="OwnershipTests"/> makes it to try each of its <c>owner</c> operations. Implementations are found by themselves, so
/// a service brings its own with its tests.
/// </summary>
internal interface IOwnedResource
{
    /// <summary>The collection below <c>/api/v1/</c>: a POST to it makes one, and what begins with <c>COLLECTION/{id}</c> is about one.</summary>
    string Collection { get; }

    /// <summary>A body that makes one.</summary>
    /// <param name="mark">A word to put where lists show it.</param>
    Dictionary<string, object?> New(string mark);

    /// <summary>A body that the operation accepts from the owner, for each other operation that takes one: <c>PATCH channels/{id}</c>.</summary>
    IReadOnlyDictionary<string, Dictionary<string, object?>> Bodies { get; }
}
