namespace Mneme.Platform.Services;

/// <summary>Scoped: on whose behalf the current scope works. Decides who asks, when something is asked of another service.</summary>
public sealed class CurrentService
{
    public string Name { get; set; } = "";
}
