using Microsoft.Extensions.DependencyInjection;
using Mneme.Contracts.Identity;
using Mneme.Contracts.Progress;
using Mneme.Contracts.Study;
using Mneme.Notify.Domain;
using Mneme.Notify.Features;
using Mneme.Notify.Infrastructure;
using Mneme.Notify.Mail;
using Mneme.Notify.Templates;
using Mneme.Platform.Services;

namespace Mneme.Notify;

/// <summary>Writes to people: a welcome, reminders of due flashcards, warnings before a streak ends.</summary>
public sealed class NotifyService : IService
{
    public string Name => NotifyDb.Name;

    public void Describe(ServiceBuilder service)
    {
        service
            .Database<NotifyDb>()
            .Options<NotifyOptions>()
            .On<UserRegistered>(OnUserRegistered.Handle)
            .On<UserUpdated>(OnUserUpdated.Handle)
            .On<FlashcardDue>(OnFlashcardDue.Handle)
            .On<StreakWarning>(OnStreakWarning.Handle)
            .Job<QueuedNotification>(SendNotification.JobKind, SendNotification.Run, SendNotification.Policy)
            .Recurring("notify.tidy-up", TidyUp.Interval, TidyUp.Run)
            .PersonalData<NotifyPersonalData>()
            .Endpoints(
                ListNotifications.Map, GetPreferences.Map, UpdatePreferences.Map, Unsubscribe.Map, ListMail.Map, GetMail.Map);
        service.Services.AddSingleton<MailRenderer>();
        service.Services.AddSingleton<MailComposer>();
        service.Services.AddSingleton<MailFolder>();
        service.Services.AddSingleton(new SmtpTrust(null));
        service.Services.AddSingleton<IMailTransport>(provider => provider.GetRequiredService<NotifyOptions>() switch
        {
            { Ses: true } => ActivatorUtilities.CreateInstance<RelayTransport>(provider),
            { Smtp.Host.Length: > 0 } => ActivatorUtilities.CreateInstance<SmtpTransport>(provider),
            _ => provider.GetRequiredService<MailFolder>(),
        });
    }
}
