using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mneme.Contracts.Identity;
using Mneme.Identity.Domain;
using Mneme.Identity.Features;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Security;
using Mneme.Platform.Services;

namespace Mneme.Identity;

/// <summary>Accounts: who people are, how they sign in, and the tokens that say so to every other service.</summary>
public sealed class IdentityService : IService
{
    internal const string ServiceName = "identity";

    public string Name => ServiceName;

    public void Describe(ServiceBuilder service)
    {
        service.Database<IdentityDb>(poolSize: 12)
            .Options<AccountOptions>()
            .Publishes<UserRegistered>()
            .Publishes<UserUpdated>()
            .Publishes<UserDeleted>()
            .Asks<ExportPersonalData>()
            .Answers<GetVerificationKeys, VerificationKeySet>(AnswerTokenQuestions.VerificationKeys)
            .Answers<GetEndedSessions, EndedSessions>(AnswerTokenQuestions.EndedSessions)
            .Recurring("identity.retention", TimeSpan.FromHours(1), Retention.Run)
            .PersonalData<IdentityPersonalData>()
            .Endpoints(
                Register.Map, Login.Map, Refresh.Map, Logout.Map, ListSessions.Map, EndSession.Map, ChangePassword.Map,
                GetMe.Map, UpdateMe.Map, DeleteMe.Map, ExportMe.Map,
                ListUsers.Map, UpdateUser.Map, CreateInvitation.Map, ListInvitations.Map, WithdrawInvitation.Map)
            .RootEndpoints(GetJwks.Map);
        AddAccounts(service.Services);
    }

    private static void AddAccounts(IServiceCollection services)
    {
        services.AddSingleton<ILookupNormalizer, EmailKeys>();
        services.AddIdentityCore<User>().AddUserStore<UserOnlyStore<User, IdentityDb, Guid>>();
        // Addresses are parsed at the edge and unique in the database; the framework's validators would ask for user names, and for digits in passwords.
        services.RemoveAll<IUserValidator<User>>();
        services.RemoveAll<IPasswordValidator<User>>();
        services.AddSingleton<IPasswordValidator<User>, PasswordPolicy>();
        services.AddOptions<PasswordHasherOptions>().Configure<AccountOptions>((hasher, accounts) => hasher.IterationCount = accounts.PasswordIterations);
        services.Replace(ServiceDescriptor.Singleton<IPasswordHasher<User>, PasswordHasher<User>>());
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<Throttle>();
        services.AddSingleton<KeyFile>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<IVerificationKeys>(provider => provider.GetRequiredService<KeyRing>());
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<SessionEnds>();
        services.AddScoped<SignIn>();
        services.AddScoped<PasswordConfirmation>();
        services.AddScoped<AccountChanges>();
        services.AddHostedService<IdentityUpkeep>();
    }
}
