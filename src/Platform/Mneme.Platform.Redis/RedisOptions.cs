using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.Platform.Redis;

/// <summary>What a server must promise before anything is entrusted to it that has to last.</summary>
public enum RedisDurability
{
    /// <summary>Every write is on the disk before it is confirmed (<c>appendfsync always</c>): nothing is lost, whatever fails.</summary>
    Always,

    /// <summary>Writes reach the disk within a second or two (<c>appendfsync everysec</c>): a crash of Redis loses nothing, one of its machine the last moments.</summary>
    EverySecond,

    /// <summary>Nothing is asked; what is lost when Redis stops is lost.</summary>
    Unchecked,
}

public sealed class RedisOptions : IOptionsSection, IValidatableObject
{
    private static readonly Uri Local = new("redis://localhost:6379/");

    public static string Section => "Redis";

    [Description("Address of the server: redis://user:password@host:6379/database, or rediss:// for TLS. When it is set, instances share their rate limits, the distributed cache and the clients of SignalR's hubs. Messaging__Backend=redis and Channels__Repository=Redis take a server on this machine if it is not.")]
    [Secret]
    public Uri? Url { get; set; }

    [Description("File with the certificates (PEM) that sign the server's, if the system does not know them; for rediss://.")]
    public string CaCertificate { get; set; } = "";

    [Description("How long to wait for a connection, and for the reply to a command.")]
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    [Description("How long the server has to confirm a batch of events, or a change; beyond it the batch is published again, and the change refused.")]
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(10);

    [Description("What the server must promise before it is given events or anything else that has to last: Always (appendonly yes, appendfsync always), EverySecond (appendfsync everysec will do), or Unchecked.")]
    public RedisDurability Durability { get; set; } = RedisDurability.Always;

    [Description("How many replicas must have an event before it counts as published.")]
    [Range(0, 10)]
    public int WaitForReplicas { get; set; }

    [Description("After this time without a sign of life from whoever holds an event, another instance takes it over.")]
    [Range(typeof(TimeSpan), "00:00:00.500", "00:30:00")]
    public TimeSpan ClaimAfter { get; set; } = TimeSpan.FromSeconds(30);

    internal RedisAddress Address => RedisAddress.Parse(Url ?? Local);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        string? fault = null;
        try
        {
            _ = Address;
        }
        catch (FormatException e)
        {
            fault = e.Message;
        }

        if (fault is not null)
            yield return new ValidationResult(fault, [nameof(Url)]);
        if (CaCertificate.Length > 0 && !File.Exists(CaCertificate))
            yield return new ValidationResult("there is no such file.", [nameof(CaCertificate)]);
    }
}
