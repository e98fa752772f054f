namespace Mneme.Study.Domain;

/// <summary>A person as Study knows them: a read model of the user events, and when a reminder was last considered.</summary>
internal sealed class Learner
{
    public Guid UserId { get; private init; }

    public string TimeZone { get; private init; } = "";

    /// <summary>Version of the user that the time zone is of.</summary>
    public long Version { get; private init; }

    public DateOnly RemindedOn { get; private init; }
}
