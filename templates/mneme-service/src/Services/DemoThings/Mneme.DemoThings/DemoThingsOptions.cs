using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Mneme.Platform.Configuration;

namespace Mneme.DemoThings;

internal sealed class DemoThingsOptions : IOptionsSection
{
    public static string Section => "DemoThings";

    [Description("Demo things that one person may have.")]
    [Range(1, 100_000)]
    public int MaxPerUser { get; set; } = 1_000;
}
