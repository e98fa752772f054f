using Microsoft.EntityFrameworkCore;
using Mneme.Identity.Domain;
using Mneme.Platform.Persistence;

namespace Mneme.Identity.Infrastructure;

internal sealed class IdentityDb(DbContextOptions<IdentityDb> options) : ServiceDb(options)
{
    public override string ServiceName => IdentityService.ServiceName;

    public DbSet<User> Users => Set<User>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    public DbSet<KnownDevice> KnownDevices => Set<KnownDevice>();

    public DbSet<Invitation> Invitations => Set<Invitation>();

    protected override void MapEntities(ModelBuilder model)
    {
        // Of ASP.NET Core Identity's user only what is used: lockout and one-way telephone fields would be columns without a meaning here.
        model.Entity<User>(user =>
        {
            user.Property(u => u.Id).ValueGeneratedNever();
            user.Property(u => u.Version).IsConcurrencyToken();
            user.Property(u => u.Email).IsRequired();
            user.Property(u => u.NormalizedEmail).IsRequired();
            user.Property(u => u.PasswordHash).IsRequired();
            user.Property(u => u.SecurityStamp).IsRequired();
            user.Property(u => u.ConcurrencyStamp).IsRequired().IsConcurrencyToken();
            user.Ignore(u => u.UserName).Ignore(u => u.NormalizedUserName).Ignore(u => u.EmailConfirmed).Ignore(u => u.PhoneNumber).Ignore(u => u.PhoneNumberConfirmed)
                .Ignore(u => u.TwoFactorEnabled).Ignore(u => u.LockoutEnd).Ignore(u => u.LockoutEnabled).Ignore(u => u.AccessFailedCount);
        });
        model.Entity<Session>(session =>
        {
            session.Property(s => s.Id).ValueGeneratedNever();
            session.HasOne<User>().WithMany().HasForeignKey(s => s.UserId);
        });
        model.Entity<RefreshToken>(token =>
        {
            token.HasKey(t => t.Hash);
            token.HasOne<Session>().WithMany().HasForeignKey(t => t.SessionId);
        });
        model.Entity<KnownDevice>(device =>
        {
            device.Property(d => d.Id).ValueGeneratedNever();
            device.HasOne<User>().WithMany().HasForeignKey(d => d.UserId);
        });
        model.Entity<Invitation>(invitation => invitation.Property(i => i.Id).ValueGeneratedNever());
    }
}
