using Mneme.Platform.Messaging;
using Mneme.Platform.Redis.Resp;

namespace Mneme.Platform.Redis.Streams;

/// <summary>
/// What is declared: a stream for each family of events, and on it a group for each consumer that wants any of them, from its very beginning. Declaring what is there already
/// changes nothing, so every process declares what it has to do with.
/// </summary>
internal sealed class StreamTopology(EventRoutes routes, MessagingOptions messaging)
{
    /// <summary>Where listeners put what is no event.</summary>
    public string Unreadable => $"{messaging.Prefix}.unreadable";

    public string Stream(string topic) => $"{messaging.Prefix}.{topic}";

    public IReadOnlyList<string> StreamsOf(string consumer) => [.. routes.Consumers.Single(route => route.Consumer == consumer).Topics.Select(Stream)];

    /// <summary>The groups that this process knows to belong to a stream. There may be more, of services that this one has nothing to do with.</summary>
    public IReadOnlyList<string> GroupsOf(string stream) => [.. routes.Consumers.Where(route => route.Topics.Any(topic => Stream(topic) == stream)).Select(route => route.Consumer)];

    public Task DeclareAsync(RedisServer server, CancellationToken ct) =>
        Task.WhenAll(routes.Consumers.SelectMany(route => route.Topics.Select(topic => CreateGroupAsync(server, Stream(topic), route.Consumer, ct))));

    private static async Task CreateGroupAsync(RedisServer server, string stream, string group, CancellationToken ct)
    {
        try
        {
            await server.ExecuteAsync(RespCommand.Of("XGROUP", "CREATE", stream, group, "0", "MKSTREAM"), ct);
        }
        catch (RedisServerException e) when (e.Code == "BUSYGROUP")
        {
            // It is there already.
        }
    }
}
