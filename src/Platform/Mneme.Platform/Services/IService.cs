namespace Mneme.Platform.Services;

/// <summary>
/// One service of the system. Its <see cref="Describe"/> is the table of contents: what it stores, exposes,
/// publishes, reacts to, asks and answers. It never learns which other services run beside it.
/// </summary>
public interface IService
{
    /// <summary>Lower-case name: target on the command line, database name, consumer name, tag in the API description.</summary>
    string Name { get; }

    void Describe(ServiceBuilder service);
}
