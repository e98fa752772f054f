using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Mneme.Platform.Configuration;

public sealed class DataOptions : IOptionsSection
{
    public static string Section => "Data";

    [Description("Folder of everything that this installation stores: database cluster, keys, files, mail.")]
    [Required]
    public string Folder { get; set; } = "./data";
}
