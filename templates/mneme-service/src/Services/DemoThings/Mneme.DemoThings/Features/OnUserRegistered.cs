using Mneme.Contracts.Identity;
using Mneme.DemoThings.Domain;
using Mneme.DemoThings.Infrastructure;

namespace Mneme.DemoThings.Features;

/// <summary>
/// Everybody begins with an example. However often the event is delivered, it is one: the delivery is recorded in the transaction of this effect.
/// </summary>
internal static class OnUserRegistered
{
    public static Task Handle(UserRegistered e, DemoThingsDb db, TimeProvider time)
    {
        db.DemoThings.Add(DemoThing.Create(e.UserId, DemoThingTitle.Stored("An example"), DemoThingDescription.Stored("Change it, complete it, or delete it."), time.GetUtcNow()));
        return Task.CompletedTask;
    }
}
