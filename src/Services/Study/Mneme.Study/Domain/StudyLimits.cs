namespace Mneme.Study.Domain;

/// <summary>Sizes that this service accepts, in characters and items. The schema's checks say the same.</summary>
internal static class StudyLimits
{
    public const int TopicName = 200;
    public const int Description = 2_000;
    public const int CardSide = 10_000;
    public const int Hint = 1_000;
    public const int Tags = 20;
    public const int Tag = 50;

    /// <summary>A review that took longer than a day was not timed.</summary>
    public const int DurationMs = 86_400_000;
}
