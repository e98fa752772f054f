using Mneme.Identity.Domain;

namespace Mneme.UnitTests.Identity;

public sealed class PasswordPolicyTests
{
    private static readonly EmailAddress Ada = EmailAddress.Parse("ada.lovelace@example.org")!;

    [Theory]
    [InlineData("violet tractor marmalade")]
    [InlineData("kH7$wq9!zT")]
    [InlineData("пароль из слов")]
    [InlineData("🦊🌲🎈🧵🪁🧭🪵🧱")]
    [InlineData("        x       ")]
    [InlineData("correct horse battery staple")]
    [InlineData("1848 war ein Jahr")]
    [InlineData("Sonnenblumenkernbrötchen")]
    public void Good_passwords_of_any_script_and_composition_are_taken(string password) => PasswordPolicy.Refuse(password, Ada, "Ada Lovelace").ShouldBeNull();

    [Theory]
    [InlineData("1234567")]
    [InlineData("🦊🌲🎈🧵🪁🧭🪵")]
    public void Short_ones_are_refused_counted_in_characters(string password) => PasswordPolicy.Refuse(password, Ada, "Ada").ShouldNotBeNull().ShouldContain("8 to 128");

    [Fact]
    public void Long_ones_are_refused_counted_in_characters()
    {
        var words = string.Concat(Enumerable.Range(0, 64).Select(i => (char)('a' + i * 7 % 26)));
        PasswordPolicy.Refuse(words + words[..63] + "Q", Ada, "Ada").ShouldBeNull();
        PasswordPolicy.Refuse(words + words + "Q", Ada, "Ada").ShouldNotBeNull();
        PasswordPolicy.Refuse(new string('x', 1_000_000), Ada, "Ada").ShouldNotBeNull();
        PasswordPolicy.Refuse(string.Concat(Enumerable.Range(0, 128).Select(i => char.ConvertFromUtf32(0x1F300 + i * 13 % 200))), Ada, "Ada").ShouldBeNull();
    }

    [Theory]
    [InlineData("password")]
    [InlineData("Password1")]
    [InlineData("P@ssw0rd")]
    [InlineData("p4$$w0rd!")]
    [InlineData("password2024")]
    [InlineData("2024password!")]
    [InlineData("PASSWORD123")]
    [InlineData("passwordpassword")]
    [InlineData("12345678")]
    [InlineData("123456789")]
    [InlineData("1234567890")]
    [InlineData("87654321")]
    [InlineData("11111111")]
    [InlineData("12121212")]
    [InlineData("12341234")]
    [InlineData("abcd1234")]
    [InlineData("abcdefgh")]
    [InlineData("qwertyuiop")]
    [InlineData("qwerty123")]
    [InlineData("Qwertz123456")]
    [InlineData("1q2w3e4r")]
    [InlineData("1qaz2wsx")]
    [InlineData("zaq12wsx")]
    [InlineData("q1w2e3r4t5")]
    [InlineData("iloveyou")]
    [InlineData("iloveyou2")]
    [InlineData("letmein1")]
    [InlineData("trustno1")]
    [InlineData("baseball")]
    [InlineData("football1")]
    [InlineData("superman")]
    [InlineData("princess1")]
    [InlineData("sunshine!")]
    [InlineData("starwars")]
    [InlineData("Welcome1")]
    [InlineData("Summer2023!")]
    [InlineData("Passwort1!")]
    [InlineData("hallo123")]
    [InlineData("Schalke04")]
    [InlineData("sonnenschein")]
    [InlineData("ficken123")]
    [InlineData("michael1")]
    [InlineData("m1chael!")]
    [InlineData("changeme")]
    [InlineData("admin123")]
    [InlineData("asdfghjkl")]
    [InlineData("asdf1234")]
    [InlineData("aaaaaaaa")]
    [InlineData("abc12345")]
    [InlineData("a1b2c3d4")]
    [InlineData("987654321")]
    [InlineData("147258369")]
    [InlineData("azertyuiop")]
    [InlineData("bismillah")]
    [InlineData("liverpool1")]
    [InlineData("charlie123")]
    [InlineData("dragonball")]
    [InlineData("pokemon123")]
    [InlineData("minecraft1")]
    [InlineData("computer")]
    [InlineData("whatever")]
    [InlineData("jennifer")]
    [InlineData("corvette")]
    [InlineData("mercedes")]
    [InlineData("ncc1701d")]
    public void Passwords_that_everybody_tries_are_refused(string password) => PasswordPolicy.Refuse(password, Ada, "Ada").ShouldNotBeNull().ShouldContain("tried first");

    [Theory]
    [InlineData("ada.lovelace@example.org")]
    [InlineData("Ada.Lovelace")]
    [InlineData("adalovelace1815")]
    [InlineData("Ada Lovelace!")]
    public void Ones_own_name_and_address_are_refused(string password) => PasswordPolicy.Refuse(password, Ada, "Ada Lovelace").ShouldNotBeNull();

    [Fact]
    public void The_list_is_long_enough_to_hold_the_three_thousand_passwords_that_are_tried_first()
    {
        // Each word also counts with the decorations that people add.
        var words = CommonPasswords.Count;
        words.ShouldBeGreaterThan(4000);
    }
}
