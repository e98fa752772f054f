using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Identity;
using Mneme.Platform.Security;

namespace Mneme.IntegrationTests.DemoThings;

/// <summary>What becomes of people who come and go.</summary>
[Collection(DemoThingsTests.Name)]
public sealed class DemoThingsPersonTests(DemoThingsApplication demoThings)
{
    [Fact]
    public async Task Who_registers_begins_with_one_example_however_often_it_is_said()
    {
        using var person = demoThings.NewPerson();
        var registered = Registered(person.UserId);
        await demoThings.App.DeliverAsync(registered, times: 50);
        var item = (await person.GetAsync("demo-things"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        item["title"]!.GetValue<string>().ShouldBe("An example");
    }

    [Fact]
    public async Task Who_leaves_is_exported_before_and_erased_after_and_others_are_not()
    {
        using var person = demoThings.NewPerson();
        using var other = demoThings.NewPerson();
        await person.CreateAsync("Water", "Every day");
        await other.CreateAsync("Feed");
        var exported = (await ExportAsync(person.UserId)).ShouldNotBeNull()["demoThings"]!.AsArray().ShouldHaveSingleItem()!;
        (exported["title"]!.GetValue<string>(), exported["description"]!.GetValue<string>()).ShouldBe(("Water", "Every day"));

        await demoThings.App.DeliverAsync(new UserDeleted(person.UserId, 2), times: 2);
        await demoThings.App.DeliverAsync(Registered(person.UserId));
        (await ExportAsync(person.UserId)).ShouldBeNull("a late event brings nobody back");
        (await other.ListAsync()).Count.ShouldBe(1);
    }

    private static UserRegistered Registered(Guid userId) => new(userId, $"{userId:n}@example.org", "Ada", "USER", "Europe/Berlin", "en", IsPublic: false, Version: 1);

    private async Task<JsonNode?> ExportAsync(Guid userId)
    {
        await using var scope = demoThings.App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredKeyedService<IPersonalData>("demothings").ExportAsync(userId, TestContext.Current.CancellationToken);
    }
}
