using Microsoft.AspNetCore.Builder;

namespace Mneme.Platform.Http;

/// <summary>Who may call an operation: its <c>x-ownership</c> in the API description. An operation without one keeps the program from starting.</summary>
public enum Ownership
{
    /// <summary>Signed-in people, for what is theirs: the user is a predicate in the query, so another person's id answers 404.</summary>
    Owner,

    /// <summary>Anybody, without a token.</summary>
    Public,

    /// <summary>Administrators.</summary>
    Admin,

    /// <summary>Signed-in people; the operation concerns nobody in particular.</summary>
    None,
}

/// <summary>Metadata of an endpoint: its <see cref="Ownership"/>.</summary>
public sealed record OwnershipMetadata(Ownership Ownership);

/// <summary>Metadata: the handler changes nothing but through a single statement of its own, so it runs without a surrounding transaction.</summary>
public sealed class SingleStatementMetadata;

/// <summary>Metadata: the handler begins and commits its transactions itself.</summary>
public sealed class OwnTransactionMetadata;

public static class OperationConventions
{
    public static TBuilder Owned<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.With(Ownership.Owner);

    public static TBuilder Public<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.With(Ownership.Public);

    public static TBuilder AdminOnly<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.With(Ownership.Admin);

    public static TBuilder SignedIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.With(Ownership.None);

    /// <summary>
    /// The handler writes with one data-modifying statement and no tracked entities: saves the transaction's round trips on the hottest path.
    /// With an <c>Idempotency-Key</c> it runs in a transaction all the same.
    /// </summary>
    public static TBuilder SingleStatement<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new SingleStatementMetadata()));
        return builder;
    }

    /// <summary>
    /// The handler works before it needs the database, and then keeps its own transaction: a password is hashed without holding a connection, and what
    /// must follow a commit follows it. <c>Idempotency-Key</c> is left to the handler, because the answers hold secrets that are not to be stored.
    /// </summary>
    public static TBuilder OwnTransaction<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new OwnTransactionMetadata()));
        return builder;
    }

    private static TBuilder With<TBuilder>(this TBuilder builder, Ownership ownership)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new OwnershipMetadata(ownership)));
        return builder;
    }
}
