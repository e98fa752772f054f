using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Persistence;

public sealed class DatabaseOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Database";

    [Description("A PostgreSQL server to use instead of the private cluster: postgres://user:password@host:5432/database or an Npgsql connection string.")]
    [Secret]
    public string? Url { get; set; }

    [Description("Prefix of the databases' names; each service has one, such as mneme_study.")]
    [RegularExpression("^[a-z][a-z0-9_]{0,30}$", ErrorMessage = "must be a lower-case name of at most 31 letters, digits and underscores.")]
    public string Prefix { get; set; } = "mneme";

    [Description("Time limit of one statement.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(15);

    [Description("Connections that this process may hold to the database of each of its services, at least 4; 0 for what each service is made for (6 to 24). docs/scaling.md says how they add up.")]
    [Range(0, 500)]
    public int PoolSize { get; set; }

    [Description("Apply migrations at start. With false, `mneme migrate` applies them and the program refuses to start on an old schema.")]
    public bool MigrateAtStart { get; set; } = true;

    /// <summary>Connections to the database of a service that is made for <paramref name="own"/>.</summary>
    public int PoolSizeOf(int own) => PoolSize > 0 ? PoolSize : own;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // A relay, a consumer and a worker hold one each for as long as they work, and requests need some besides.
        if (PoolSize is > 0 and < 4)
            yield return new ValidationResult($"{PoolSize} connections are too few: 4 at least, or 0 for each service's own number.", [nameof(PoolSize)]);
    }
}
