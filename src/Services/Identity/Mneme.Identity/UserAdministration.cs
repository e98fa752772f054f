using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;
using Mneme.Platform.Persistence;
using Mneme.Platform.Security;

namespace Mneme.Identity;

/// <summary>An account, for whoever administers it.</summary>
/// <param name="Id">The user.</param>
/// <param name="Email">Address as registered.</param>
/// <param name="Name">Name to address the person by.</param>
/// <param name="Role">One of <see cref="Roles"/>.</param>
/// <param name="IsDisabled">Whether the account is closed for its owner.</param>
public sealed record AdministeredUser(Guid Id, string Email, string Name, string Role, bool IsDisabled);

/// <summary>
/// Administration of accounts without HTTP: for <c>mneme user</c>, which makes the first administrator. The services must be those of a built
/// application whose databases are migrated; it need not be started. A running program learns of what changed here within seconds.
/// </summary>
public static class UserAdministration
{
    /// <summary>Makes an account, by the same rules as registration, whatever <c>Identity__Registration</c> says.</summary>
    /// <returns>The account, or a problem that names what is wrong.</returns>
    public static async Task<Outcome<AdministeredUser>> CreateAsync(IServiceProvider services, string email, string name, string role, string password, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var (db, options, time) = (scope.ServiceProvider.GetRequiredService<IdentityDb>(), scope.ServiceProvider.GetRequiredService<AccountOptions>(), scope.ServiceProvider.GetRequiredService<TimeProvider>());
        if (ParseRole(role) is not { } knownRole)
            return UnknownRole();
        var registration = Registration.Parse(email, password, name, options.DefaultTimeZone, options.DefaultLocale);
        if (registration.Problem is { } invalid)
            return invalid;
        var hash = await scope.ServiceProvider.GetRequiredService<PasswordHashing>().HashAsync(password, ct);
        if (hash.Problem is { } busy)
            return busy;
        var now = time.GetUtcNow();
        var user = registration.Value!.ToUser(knownRole, hash.Value!, now);
        try
        {
            await Registration.AddAsync(db, scope.ServiceProvider.GetRequiredService<UserManager<User>>(), user, actorId: null, address: null, now);
            return Of(user);
        }
        catch (DbUpdateException e) when (DatabaseFailure.IsUniqueViolation(e, "users_normalized_email_key"))
        {
            return Problem.Conflict("email-taken", $"There is an account with the address {registration.Value.Email.Value} already.");
        }
    }

    /// <summary>Gives an account another role, and ends its sessions.</summary>
    public static Task<Outcome<AdministeredUser>> SetRoleAsync(IServiceProvider services, string email, string role, CancellationToken ct) =>
        ParseRole(role) is { } known ? ChangeAsync(services, email, known, isDisabled: null, ct) : Task.FromResult<Outcome<AdministeredUser>>(UnknownRole());

    /// <summary>Closes an account for its owner and ends its sessions, or opens it again.</summary>
    public static Task<Outcome<AdministeredUser>> DisableAsync(IServiceProvider services, string email, bool isDisabled, CancellationToken ct) =>
        ChangeAsync(services, email, role: null, isDisabled, ct);

    private static async Task<Outcome<AdministeredUser>> ChangeAsync(IServiceProvider services, string email, string? role, bool? isDisabled, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var user = await scope.ServiceProvider.GetRequiredService<UserManager<User>>().FindByEmailAsync(email);
        if (user is null)
            return new Problem(ProblemKind.NotFound, "not-found", $"There is no account with the address {email}.");
        var problem = await scope.ServiceProvider.GetRequiredService<AccountChanges>().ApplyAsync(user, role, isDisabled, actorId: null, address: null, ct);
        return problem is not null ? problem : Of(user);
    }

    private static AdministeredUser Of(User user) => new(user.Id, user.Email!, user.Name, user.Role, user.DisabledAt is not null);

    private static string? ParseRole(string role) => role.ToUpperInvariant() is Roles.User or Roles.Teacher or Roles.Admin ? role.ToUpperInvariant() : null;

    private static Problem UnknownRole() => Problem.Invalid("role", $"must be one of {Roles.User}, {Roles.Teacher}, {Roles.Admin}.");
}
