using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Mneme.Platform.Configuration;

namespace Mneme.UnitTests.Host;

public sealed class ConfigurationCheckTests
{
    [Fact]
    public void Every_wrong_value_is_named_as_in_the_environment()
    {
        var findings = Check(("Sample:Count", "many"), ("Sample:Colour", "mauve"), ("Sample:Cuont", "3"), ("Sample:Wait", "soon"), ("Sample:Address", "nowhere"));

        findings.ShouldBe(
        [
            "Sample__Address: 'nowhere' is not an absolute address such as https://example.org.",
            "Sample__Colour: 'mauve' is not one of Red, Green.",
            "Sample__Count: 'many' is not a whole number.",
            "Sample__Cuont: there is no such setting. Known here: Count, Colour, Wait, Address, Key, Group.",
            "Sample__Wait: 'soon' is not a duration such as 00:05:00.",
        ], ignoreOrder: true);
    }

    [Fact]
    public void Limits_are_checked_once_the_types_are_right() =>
        Check(("Sample:Count", "11"), ("Sample:Key", "")).ShouldBe(["Sample__Count: The field Count must be between 1 and 10.", "Sample__Key: The Key field is required."], ignoreOrder: true);

    [Fact]
    public void Settings_in_groups_are_checked_too()
    {
        Check(("Sample:Group:Size", "big"), ("Sample:Group:Shape", "round")).ShouldBe(
            ["Sample__Group__Size: 'big' is not a whole number.", "Sample__Group__Shape: there is no such setting. Known here: Size."], ignoreOrder: true);
        Check(("Sample:Group:Size", "11")).ShouldBe(["Sample__Group__Size: The field Size must be between 1 and 10."]);
        Check(("Sample:Group:Size", "3")).ShouldBeEmpty();
    }

    [Fact]
    public void A_right_configuration_has_no_findings() => Check(("Sample:Count", "3"), ("Sample:Key", "k"), ("Other:Thing", "x")).ShouldBeEmpty();

    private static IReadOnlyList<string> Check(params (string Key, string Value)[] settings) => ConfigurationCheck.Run(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build(), [OptionsType.Of<Sample>()]);

    private enum Colour
    {
        Red,
        Green,
    }

    private sealed class Sample : IOptionsSection
    {
        public static string Section => "Sample";

        [Range(1, 10)]
        public int Count { get; set; } = 1;

        public Colour Colour { get; set; }

        public TimeSpan Wait { get; set; }

        public Uri? Address { get; set; }

        [Required]
        [Secret]
        public string Key { get; set; } = "key";

        public SampleGroup Group { get; set; } = new();
    }

    private sealed class SampleGroup
    {
        [Range(1, 10)]
        public int Size { get; set; } = 1;
    }
}
