namespace Mneme.Platform.Services;

/// <summary>Scoped: on whose behalf the current scope works. Decides who asks, when something is asked of another service.</summary>
public sealed class CurrentService
{
    private static readonly AsyncLocal<string?> Flowing = new();

    public string Name
    {
        get;
        set
        {
            field = value;
            Flowing.Value = value;
        }
    } = "";

    /// <summary>What log lines and traces call the process itself: its service if it runs one only. Set before anything is built.</summary>
    public static string OfProcess { get; set; } = "mneme";

    /// <summary>The service that the calling code runs for, where no scope is at hand: in log lines. Null outside of any service.</summary>
    internal static string? Ambient
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }
}
