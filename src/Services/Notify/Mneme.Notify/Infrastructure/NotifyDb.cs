using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mneme.Notify.Domain;
using Mneme.Platform.Persistence;

namespace Mneme.Notify.Infrastructure;

internal sealed class NotifyDb(DbContextOptions<NotifyDb> options) : ServiceDb(options)
{
    public const string Name = "notify";

    public override string ServiceName => Name;

    public DbSet<Recipient> Recipients => Set<Recipient>();

    public DbSet<Preferences> Preferences => Set<Preferences>();

    public DbSet<Notification> Notifications => Set<Notification>();

    protected override void MapEntities(ModelBuilder model)
    {
        model.Entity<Recipient>().HasKey(recipient => recipient.UserId);
        model.Entity<Preferences>().HasKey(preferences => preferences.UserId);
        model.Entity<Notification>(notification =>
        {
            ByName(notification.Property(n => n.Kind));
            ByName(notification.Property(n => n.Status));
        });
    }

    private static void ByName<TEnum>(PropertyBuilder<TEnum> property)
        where TEnum : struct, Enum => property.HasConversion(value => value.ApiName(), name => Names.Parse<TEnum>(name));
}
