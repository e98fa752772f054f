using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Persistence;

public sealed class DatabaseOptions : IOptionsSection
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

    [Description("Apply migrations at start. With false, `mneme migrate` applies them and the program refuses to start on an old schema.")]
    public bool MigrateAtStart { get; set; } = true;
}
