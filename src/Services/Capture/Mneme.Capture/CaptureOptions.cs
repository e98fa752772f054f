using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;
using Mneme.Platform.Http.Outgoing;

namespace Mneme.Capture;

internal sealed class CaptureOptions : IOptionsSection
{
    public static string Section => "Capture";

    [Description("Storage of one person in bytes: the text of their captures, and 1 KB for each.")]
    [Range(1_000_000, 1_000_000_000_000)]
    public long MaxBytesPerUser { get; set; } = 200_000_000;

    [Description("Time after which a capture that nobody answered for has failed and can be tried again.")]
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    [Description("Ports that pages may be fetched from, separated by commas.")]
    [RegularExpression("^[0-9]{1,5}(, *[0-9]{1,5})*$", ErrorMessage = "must be port numbers separated by commas, such as 80,443.")]
    public string AllowedPorts { get; set; } = "80,443";

    [Description("Hosts on private networks that pages may be fetched from all the same, such as wiki.example.lan:8080, separated by commas. Dangerous: whoever captures can read what they serve.")]
    [RegularExpression(@"^[A-Za-z0-9.:_\[\], -]*$", ErrorMessage = "must be host names or addresses, each with an optional port, separated by commas.")]
    public string PrivateHosts { get; set; } = "";

    [Description("Pages that one person may have waiting to be fetched at a time.")]
    [Range(1, 100_000)]
    public int MaxPendingPagesPerUser { get; set; } = 100;

    public OutgoingPolicy OutgoingPolicy() => new(AllowedPorts, PrivateHosts);
}
