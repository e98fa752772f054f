using Microsoft.Extensions.DependencyInjection;
using Mneme.Capture.Features;
using Mneme.Capture.Infrastructure;
using Mneme.Capture.Pages;
using Mneme.Contracts.Capture;
using Mneme.Contracts.Channels;
using Mneme.Contracts.Study;
using Mneme.Platform.Http.Outgoing;
using Mneme.Platform.Services;

namespace Mneme.Capture;

/// <summary>What people want to learn from: texts and pages, on their way to becoming topics.</summary>
public sealed class CaptureService : IService
{
    public string Name => "capture";

    public void Describe(ServiceBuilder service)
    {
        service.Services.AddSingleton(provider => new PageReader(new SafeHttpClient(provider.GetRequiredService<CaptureOptions>().OutgoingPolicy())));
        service.Database<CaptureDb>()
            .Options<CaptureOptions>()
            .Publishes<ContentCaptured>()
            .Publishes<ContentDeleted>()
            .On<ContentProcessed>(OnContentProcessed.Handle)
            .On<ContentFailed>(OnContentFailed.Handle)
            .On<ChannelMessageReceived>(OnChannelMessageReceived.Handle)
            .Job<FetchPage.Work>(FetchPage.Kind, FetchPage.Run, FetchPage.Policy)
            .Recurring("give-up-pending", TimeSpan.FromMinutes(10), GiveUpPending.Run)
            .PersonalData<CapturePersonalData>()
            .Endpoints(CreateCapture.Map, ListCaptures.Map, GetCapture.Map, UpdateCapture.Map, DeleteCapture.Map, RetryCapture.Map);
    }
}
