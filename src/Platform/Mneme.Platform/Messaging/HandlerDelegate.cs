using System.Linq.Expressions;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Mneme.Platform.Messaging;

/// <summary>Runs a handler: input, the scope's services, cancellation.</summary>
public delegate Task<object?> HandlerInvocation(object input, IServiceProvider services, CancellationToken ct);

/// <summary>
/// Compiles a static <c>Handle</c> method into a call, the way minimal APIs do for HTTP: the first parameter is the input, a
/// <see cref="CancellationToken"/> is passed on, and every other parameter is a service of the current scope.
/// </summary>
public static class HandlerDelegate
{
    private static readonly MethodInfo GetService = typeof(ServiceProviderServiceExtensions)
        .GetMethod(nameof(ServiceProviderServiceExtensions.GetRequiredService), 1, [typeof(IServiceProvider)])!;

    private static readonly MethodInfo AwaitValueMethod = typeof(HandlerDelegate).GetMethod(nameof(AwaitValue), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <param name="handler">A method group of a static method that returns <see cref="Task"/> or <see cref="Task{TResult}"/>.</param>
    /// <param name="inputType">Type of the first parameter; null for a handler without input.</param>
    public static HandlerInvocation Compile(Delegate handler, Type? inputType)
    {
        var method = handler.Method;
        if (!typeof(Task).IsAssignableFrom(method.ReturnType))
            throw new InvalidOperationException($"{method.DeclaringType?.Name}.{method.Name} must return Task or Task<T>.");

        var input = Expression.Parameter(typeof(object), "input");
        var services = Expression.Parameter(typeof(IServiceProvider), "services");
        var ct = Expression.Parameter(typeof(CancellationToken), "ct");
        var arguments = method.GetParameters().Select((parameter, index) => parameter.ParameterType switch
        {
            var type when index == 0 && inputType is not null => type == inputType
                ? (Expression)Expression.Convert(input, type)
                : throw new InvalidOperationException($"The first parameter of {method.DeclaringType?.Name}.{method.Name} must be {inputType.Name}."),
            var type when type == typeof(CancellationToken) => ct,
            var type when type == typeof(IServiceProvider) => services,
            var type => Expression.Call(GetService.MakeGenericMethod(type), services),
        });
        var target = handler.Target is null || method.IsStatic ? null : Expression.Constant(handler.Target);
        var call = Expression.Call(target, method, arguments);
        var body = method.ReturnType.IsGenericType
            ? Expression.Call(AwaitValueMethod.MakeGenericMethod(method.ReturnType.GetGenericArguments()[0]), call)
            : Expression.Call(typeof(HandlerDelegate), nameof(AwaitNothing), null, call);
        return Expression.Lambda<HandlerInvocation>(body, input, services, ct).Compile();
    }

    private static async Task<object?> AwaitValue<T>(Task<T> task) => await task;

    private static async Task<object?> AwaitNothing(Task task)
    {
        await task;
        return null;
    }
}
