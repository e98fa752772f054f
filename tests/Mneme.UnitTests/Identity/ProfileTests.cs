using Mneme.Identity.Domain;

namespace Mneme.UnitTests.Identity;

public sealed class ProfileTests
{
    [Theory]
    [InlineData("Europe/Berlin", "Europe/Berlin")]
    [InlineData("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires")]
    [InlineData("Pacific/Kiritimati", "Pacific/Kiritimati")]
    [InlineData("Etc/GMT+5", "Etc/GMT+5")]
    [InlineData("UTC", "UTC")]
    [InlineData("Etc/UTC", "UTC")]
    [InlineData("Z", "UTC")]
    public void Time_zones_are_those_of_IANA(string text, string expected) => TimeZones.Parse(text).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("Mars/Olympus")]
    [InlineData("W. Europe Standard Time")]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("Europe//Berlin")]
    [InlineData("Europe/Berlin\n")]
    [InlineData("posix/Europe/Berlin")]
    [InlineData("right/Europe/Berlin")]
    [InlineData("posixrules")]
    [InlineData("localtime")]
    [InlineData("Factory")]
    [InlineData("+02:00")]
    public void Other_zones_and_paths_are_refused(string text) => TimeZones.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("de", "de")]
    [InlineData("DE", "de")]
    [InlineData("en-gb", "en-GB")]
    [InlineData("zh-hant-tw", "zh-Hant-TW")]
    [InlineData("es-419", "es-419")]
    public void Language_tags_get_their_canonical_spelling(string text, string expected) => Locales.Parse(text).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("german")]
    [InlineData("xx")]
    [InlineData("de_DE")]
    [InlineData("de-")]
    [InlineData("de-DE\n")]
    [InlineData("i-klingon")]
    public void What_is_no_language_is_refused(string text) => Locales.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("Ada", "Ada")]
    [InlineData("  Ada  Lovelace ", "Ada  Lovelace")]
    [InlineData("Nguyễn Thị Minh", "Nguyễn Thị Minh")]
    [InlineData("👩‍🔬 Ada", "👩‍🔬 Ada")]
    [InlineData("O'Brien-Müller, Jr.", "O'Brien-Müller, Jr.")]
    public void Names_are_taken_in_every_script(string text, string expected) => PersonName.Parse(text).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData(" \t ")]
    [InlineData("Ada\nLovelace")]
    [InlineData("Ada\u0000")]
    [InlineData("Ada\u0007Bell")]
    [InlineData("\u202Eadb")]
    [InlineData("Ada\u2028Lovelace")]
    [InlineData("Ada\u200BLovelace")]
    public void Names_cannot_disturb_the_text_around_them(string text) => PersonName.Parse(text).ShouldBeNull();

    [Fact]
    public void Names_have_at_most_a_hundred_characters()
    {
        PersonName.Parse(new string('a', 100)).ShouldNotBeNull();
        PersonName.Parse(new string('a', 101)).ShouldBeNull();
    }
}
