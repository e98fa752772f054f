using Mneme.Capture.Features;
using Mneme.Capture.Infrastructure;
using Mneme.Contracts.Capture;
using Mneme.Contracts.Study;
using Mneme.Platform.Services;

namespace Mneme.Capture;

/// <summary>What people want to learn from: texts and pages, on their way to becoming topics.</summary>
public sealed class CaptureService : IService
{
    public string Name => "capture";

    public void Describe(ServiceBuilder service) => service
        .Database<CaptureDb>()
        .Options<CaptureOptions>()
        .Publishes<ContentCaptured>()
        .Publishes<ContentDeleted>()
        .On<ContentProcessed>(OnContentProcessed.Handle)
        .On<ContentFailed>(OnContentFailed.Handle)
        .PersonalData<CapturePersonalData>()
        .Endpoints(CreateCapture.Map, ListCaptures.Map, GetCapture.Map, UpdateCapture.Map, DeleteCapture.Map, RetryCapture.Map);
}
