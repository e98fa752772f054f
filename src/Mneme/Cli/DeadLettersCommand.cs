using System.CommandLine;
using System.Globalization;
using Mneme.Platform.Messaging;
using Mneme.Platform.Persistence;
using Npgsql;

namespace Mneme.Cli;

/// <summary><c>mneme dead-letters</c>: what the operator's API offers, without a running program.</summary>
internal static class DeadLettersCommand
{
    private static readonly Argument<Guid> Event = new("event") { Description = "The event's id, as listed." };
    private static readonly Option<string?> Service = new("--service") { Description = "Only this service's dead letters." };

    public static Command Create() => new("dead-letters", "Deliveries that failed for good: list, show, redrive, discard.")
    {
        Verb("list", "List dead letters, oldest first.", ListAsync),
        Verb("show", "Show a dead letter with its event.", ShowAsync, Event),
        Verb("redrive", "Deliver a dead letter again, with all its attempts.", (installation, result, ct) =>
            ChangeAsync(installation, result, (database, id) => FailedDeliveries.RedriveAsync(database, id, TimeProvider.System.GetUtcNow(), ct), "will be delivered again"), Event),
        Verb("discard", "Remove a dead letter for good.", (installation, result, ct) =>
            ChangeAsync(installation, result, (database, id) => FailedDeliveries.DiscardAsync(database, id, ct), "is discarded"), Event),
    };

    private static Command Verb(string name, string description, Func<Installation, ParseResult, CancellationToken, Task<int>> run, params Argument[] arguments)
    {
        var command = new Command(name, description) { Service }.WithHostOptions();
        foreach (var argument in arguments)
            command.Add(argument);
        command.SetAction(async (result, ct) =>
        {
            var configuration = result.Configuration();
            HostOptions.Verify(configuration);
            await using var installation = await Installation.OpenAsync(configuration, ct);
            return await run(installation, result, ct);
        });
        return command;
    }

    private static async Task<int> ListAsync(Installation installation, ParseResult result, CancellationToken ct)
    {
        var count = 0;
        foreach (var database in DatabasesOf(installation, result))
        {
            (DateTimeOffset, Guid)? after = null;
            List<FailedDelivery> page;
            do
            {
                page = await FailedDeliveries.ListDeadAsync(database, after, limit: 100, ct);
                foreach (var letter in page)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{letter.DeadAt:u}  {letter.Envelope.Id}  {letter.Consumer,-10} {letter.Envelope.Type,-24} {letter.Reason.ReplaceLineEndings(" ")}"));
                    after = (letter.DeadAt!.Value, letter.Envelope.Id);
                    count++;
                }
            }
            while (page.Count == 100);
        }

        Console.WriteLine(count == 0 ? "There are no dead letters." : $"{count} dead {(count == 1 ? "letter" : "letters")}.");
        return 0;
    }

    private static async Task<int> ShowAsync(Installation installation, ParseResult result, CancellationToken ct)
    {
        var shown = 0;
        foreach (var database in DatabasesOf(installation, result))
        {
            if (await FailedDeliveries.FindDeadAsync(database, result.GetValue(Event), ct) is not { } letter)
                continue;
            shown++;
            Console.WriteLine($"Consumer  {letter.Consumer}\nFailed    {letter.FirstFailedAt:u} first, given up {letter.DeadAt:u} after {letter.Attempts} attempts\nReason    {letter.Reason}\n{CloudEvents.Write(letter.Envelope)}\n");
        }

        return shown > 0 ? 0 : throw Unknown(result.GetValue(Event));
    }

    private static async Task<int> ChangeAsync(Installation installation, ParseResult result, Func<NpgsqlDataSource, Guid, Task<bool>> change, string done)
    {
        var id = result.GetValue(Event);
        var changed = 0;
        foreach (var database in DatabasesOf(installation, result))
            changed += await change(database, id) ? 1 : 0;
        if (changed == 0)
            throw Unknown(id);
        Console.WriteLine($"{id} {done}.");
        return 0;
    }

    private static OperatorException Unknown(Guid id) => new($"There is no dead letter of event {id}. `mneme dead-letters list` shows those there are.");

    private static IEnumerable<NpgsqlDataSource> DatabasesOf(Installation installation, ParseResult result)
    {
        var databases = installation.Services.GetRequiredService<Databases>();
        var chosen = installation.Storing.Select(s => s.Name).Where(name => result.GetValue(Service) is not { } only || only == name).ToList();
        return chosen.Count > 0
            ? chosen.Select(databases.DataSource)
            : throw new OperatorException($"There is no service '{result.GetValue(Service)}'. There are: {string.Join(", ", installation.Storing.Select(s => s.Name))}.");
    }
}
