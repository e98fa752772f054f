using Mneme.Ai.Offline;

namespace Mneme.UnitTests.Ai.Offline;

/// <summary>A sentence that begins with a pronoun is understood by the subject of the sentence before, or left alone.</summary>
public sealed class AntecedentTests
{
    [Theory]
    [InlineData("Octopuses are molluscs of the order Octopoda. They have three hearts in their mantle.", "How many hearts do octopuses have?", "three")]
    [InlineData("Mary Anning was born on the coast of Dorset. Her father was a cabinetmaker. In 1823 she discovered the first complete Plesiosaurus.", "In which year did Mary Anning discover the first complete Plesiosaurus?", "1823")]
    [InlineData("Iceland lies on the Mid-Atlantic Ridge. Its capital, Reykjavik, holds 62 percent of all inhabitants.", "Its (Iceland’s) capital, Reykjavik, holds _____ percent of all inhabitants.", "62")]
    [InlineData("Maria Sibylla Merian wurde in Frankfurt geboren. 1699 reiste sie nach Surinam, um Insekten zu erforschen.", "In welchem Jahr reiste Maria Sibylla Merian nach Surinam, um Insekten zu erforschen?", "1699")]
    [InlineData("Die Diffusion ist die Ausbreitung von Teilchen. Sie beruht auf der Eigenbewegung der Teilchen.", "Worauf beruht die Diffusion?", "auf der Eigenbewegung der Teilchen")]
    public void A_leading_pronoun_is_explained_by_the_subject_before(string text, string front, string back) =>
        OfflineCardWriter.Write(text).Cards.ShouldContain(card => card.Front == front && card.Back == back);

    [Theory]
    [InlineData("The Treaty of Utrecht ended the war in Spain. It is important to know that Gibraltar became British in 1713.")]
    [InlineData("The farmers of Kent grow hops and apples. It contains 80 varieties of Malus domestica.")]
    [InlineData("Maria Sibylla Merian wurde in Frankfurt geboren. Es gibt heute 12 Schulen in Hessen mit ihrem Namen.")]
    [InlineData("Der Rhein entspringt in Graubünden. Sie ist 1320 Kilometer lang und mündet in die Nordsee.")]
    [InlineData("Rhine wines are mostly white and dry.\n\nThey have about 12 percent of alcohol in the Rheingau.")]
    public void A_pronoun_that_means_nothing_before_or_does_not_agree_is_not_explained(string text) =>
        OfflineCardWriter.Write(text).Cards.ShouldAllBe(card => !card.Front.Replace(" (year)", "").Replace(" (Jahr)", "").Contains('('));
}
