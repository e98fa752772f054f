using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Mneme.Platform.Domain;

namespace Mneme.Platform.Http.OpenApi;

/// <summary>What the API description can learn from an operation's handler, so that features need not repeat it.</summary>
internal static class OperationMetadata
{
    /// <summary>Names the operation after its feature, and says that a handler of <see cref="Outcome{T}"/> answers T.</summary>
    public static void Complete(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<MethodInfo>().FirstOrDefault() is not { } handler)
            return;
        if (!endpoint.Metadata.OfType<IEndpointNameMetadata>().Any())
            endpoint.Metadata.Add(new EndpointNameMetadata(NameOf(handler)));
        if (OutcomeOf(handler.ReturnType) is not { } outcome)
            return;
        foreach (var inferred in endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().Where(m => m.Type == outcome).ToList())
            endpoint.Metadata.Remove(inferred);
        if (endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().Any(m => m.StatusCode is >= 200 and < 300))
            return;
        var value = outcome.GetGenericArguments()[0];
        if (value == typeof(Nothing))
            endpoint.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status204NoContent, typeof(void)));
        else if (!typeof(IResult).IsAssignableFrom(value))
            endpoint.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, value, ["application/json"]));
    }

    /// <summary><c>ReviewFlashcard.Handle</c> is <c>ReviewFlashcard</c>; <c>ManageTopics.Rename</c> is <c>ManageTopicsRename</c>.</summary>
    private static string NameOf(MethodInfo handler)
    {
        var type = handler.DeclaringType!;
        while (type.Name.StartsWith('<') && type.DeclaringType is not null)
            type = type.DeclaringType;
        var method = handler.Name.EndsWith("Async", StringComparison.Ordinal) ? handler.Name[..^5] : handler.Name;
        return method is "Handle" || method.Contains('<', StringComparison.Ordinal) ? type.Name : type.Name + method;
    }

    private static Type? OutcomeOf(Type returned)
    {
        if (returned.IsGenericType && (returned.GetGenericTypeDefinition() == typeof(Task<>) || returned.GetGenericTypeDefinition() == typeof(ValueTask<>)))
            returned = returned.GetGenericArguments()[0];
        return returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(Outcome<>) ? returned : null;
    }
}
