using Mneme.Contracts.DemoThings;
using Mneme.Contracts.Identity;
using Mneme.DemoThings.Domain;
using Mneme.DemoThings.Features;
using Mneme.DemoThings.Infrastructure;
using Mneme.Platform.Services;

namespace Mneme.DemoThings;

/// <summary>What people have to do: each has a title and a description, until it is completed.</summary>
public sealed class DemoThingsService : IService
{
    public string Name => DemoThingsDb.Name;

    public void Describe(ServiceBuilder service) => service
        .Database<DemoThingsDb>(poolSize: 6)
        .Options<DemoThingsOptions>()
        .Publishes<DemoThingCompleted>()
        .On<UserRegistered>(OnUserRegistered.Handle)
        .OnDomainEvent<Completed>(OnCompleted.Handle)
        .PersonalData<DemoThingsPersonalData>()
        .Endpoints(CreateDemoThing.Map, ListDemoThings.Map, GetDemoThing.Map, ChangeDemoThing.Map, CompleteDemoThing.Map, DeleteDemoThing.Map);
}
