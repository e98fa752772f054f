using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mneme.Platform.Configuration;

/// <summary>Every type of options the program knows, with its section: what start-up validates and the documentation lists.</summary>
public sealed record OptionsType(string Section, Type Type)
{
    public static OptionsType Of<TOptions>()
        where TOptions : class, IOptionsSection, new() => new(TOptions.Section, typeof(TOptions));

    /// <param name="type">A type of options that implements <see cref="IOptionsSection"/>.</param>
    public static OptionsType Of(Type type) => new((string)type.GetProperty(nameof(IOptionsSection.Section))!.GetValue(null)!, type);
}

public static class OptionsRegistration
{
    /// <summary>Binds <typeparamref name="TOptions"/> to its section. Values are checked by <see cref="ConfigurationCheck"/> before anything starts.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions>(this IServiceCollection services, IConfiguration configuration)
        where TOptions : class, IOptionsSection, new()
    {
        services.AddSingleton(OptionsType.Of<TOptions>());
        services.AddOptions<TOptions>().Bind(configuration.GetSection(TOptions.Section));
        // Handlers take the options themselves: they do not change while the program runs.
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<TOptions>>().Value);
        return services;
    }
}
