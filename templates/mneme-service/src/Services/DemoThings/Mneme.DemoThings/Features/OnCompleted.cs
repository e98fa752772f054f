using Mneme.Contracts.DemoThings;
using Mneme.DemoThings.Domain;
using Mneme.DemoThings.Infrastructure;

namespace Mneme.DemoThings.Features;

/// <summary>Tells the other services.</summary>
internal static class OnCompleted
{
    public static Task Handle(Completed e, DemoThingsDb db)
    {
        var (demoThing, date) = (e.DemoThing, DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(e.At, e.TimeZone).DateTime));
        // Saving, which comes after this, makes the version one higher.
        db.Publish(new DemoThingCompleted(demoThing.UserId, demoThing.Id, demoThing.Title.Value, e.At, date, e.TimeZone.Id, demoThing.Version + 1), e.At);
        DemoThingsMetrics.Completed();
        return Task.CompletedTask;
    }
}
