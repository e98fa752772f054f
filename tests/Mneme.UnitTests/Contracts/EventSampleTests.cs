using System.Text.Json;
using Mneme.Contracts.Identity;
using Mneme.Platform;
using Mneme.Platform.Messaging;

namespace Mneme.UnitTests.Contracts;

/// <summary>
/// A sample of every integration event as it travels, pinned in a file. Events evolve by addition only: a change of these files that is not an addition breaks
/// consumers that run another version.
/// </summary>
public sealed class EventSampleTests
{
    private static readonly Guid Id = new("01890000-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Time = new(2026, 3, 29, 1, 30, 0, TimeSpan.Zero);

    public static TheoryData<string> Events => [.. EventTypes.Select(type => type.Name)];

    private static IEnumerable<Type> EventTypes => typeof(UserRegistered).Assembly.GetTypes().Where(type => typeof(IIntegrationEvent).IsAssignableFrom(type) && type.IsClass);

    [Theory]
    [MemberData(nameof(Events))]
    public void Each_event_travels_as_its_pinned_sample_and_is_read_from_it(string name)
    {
        var type = EventTypes.Single(t => t.Name == name);
        var sample = (IIntegrationEvent)Sample(type);
        var envelope = EventEnvelope.Of(sample, "sample", Time, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") with { Id = Id };
        var written = JsonSerializer.Serialize(JsonDocument.Parse(CloudEvents.Write(envelope)).RootElement, Indented) + "\n";
        var file = Repository.File($"tests/Mneme.UnitTests/Contracts/Samples/{envelope.Type}.json");

        if (!File.Exists(file))
        {
            // The first run with a new event writes its sample, to be read and committed; it fails so that this is noticed.
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, written);
            Assert.Fail($"{file} is new. Read it, and commit it.");
        }

        written.ShouldBe(File.ReadAllText(file));
        var read = CloudEvents.Read(File.ReadAllText(file));
        read.ShouldBe(envelope with { Data = read.Data });
        JsonSerializer.Serialize(JsonSerializer.Deserialize(read.Data, type, Json.Options), type, Json.Options).ShouldBe(envelope.Data);
    }

    [Fact]
    public void Names_on_the_wire_are_unique() => EventTypes.Select(type => EventType.Of(type).Name).ShouldBeUnique();

    private static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static object Sample(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select((parameter, index) => Value(parameter.ParameterType, parameter.Name!, index))]);
    }

    private static object Value(Type type, string name, int index) => type switch
    {
        _ when type == typeof(Guid) => new Guid($"01890000-0000-7000-8000-0000000001{index:00}"),
        _ when type == typeof(string) => name == "TimeZone" ? "Europe/Berlin" : name == "Locale" || name == "Language" ? "de" : $"{name} with ünïcode",
        _ when type == typeof(long) => 7L,
        _ when type == typeof(int) => 3,
        _ when type == typeof(bool) => true,
        _ when type == typeof(decimal) || type == typeof(decimal?) => 1.0850m,
        _ when type == typeof(IReadOnlyList<decimal>) => (IReadOnlyList<decimal>)[1.09m, 65000m],
        _ when type == typeof(DateTimeOffset) => Time,
        _ when type == typeof(DateOnly) => new DateOnly(2026, 3, 29),
        _ when type == typeof(IReadOnlyList<string>) => (IReadOnlyList<string>)["one", "two"],
        _ => throw new InvalidOperationException($"There is no sample value for {type.Name}."),
    };
}
