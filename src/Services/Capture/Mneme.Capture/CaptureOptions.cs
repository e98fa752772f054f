using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

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
}
